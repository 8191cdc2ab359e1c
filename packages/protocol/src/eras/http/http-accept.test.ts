import { describe, expect, it } from 'vitest';
import { isJson, readAccept } from './http-accept.ts';

describe('Accept', () => {
  it.each([
    [undefined, true, true],
    ['*/*', true, true],
    ['application/json, text/event-stream', true, true],
    ['text/event-stream;q=0.9, Application/JSON', true, true],
    ['application/json', true, false],
    ['application/*', true, false],
    ['text/event-stream', false, true],
    ['text/*', false, true],
    ['text/html', false, false],
    ['', false, false],
  ])('%s', (header, json, events) => {
    expect(readAccept(header)).toEqual({ json, events });
  });
});

describe('Content-Type', () => {
  it.each([
    ['application/json', true],
    ['Application/JSON; charset=utf-8', true],
    ['application/json ;charset=utf-8', true],
    ['application/jsonp', false],
    ['text/json', false],
    ['', false],
    [undefined, false],
  ])('%s', (header, json) => {
    expect(isJson(header)).toBe(json);
  });
});
