import { describe, expect, it } from 'vitest';

import { checkDefinition } from './check-definition.ts';
import { readDefinition } from './read-definition.ts';

const at = { url: 'http://a/mcp' };
const service = (): Promise<never> => Promise.reject(new Error('unused'));

function problemsOf(given: unknown, services = true): readonly string[] {
  const { definition, problems } = readDefinition(given, { path: ['servers', 'a'], services });
  expect(definition === undefined).toBe(problems.length > 0);
  return problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('a definition that comes from code', () => {
  it('is what the same keys are in a file, with credentials as a header', () => {
    const { definition } = readDefinition(
      { id: 'a', target: at, auth: { type: 'api_key', header: 'X-Key', key: 'k' }, tags: ['x'] },
      { path: [], services: false },
    );
    expect(definition).toEqual({
      id: 'a',
      target: { url: 'http://a/mcp', headers: { 'X-Key': 'k' } },
      priority: 0,
      domains: [],
      capabilities: [],
      tags: ['x'],
    });
  });

  it('takes a bearer token for each of several URLs, and keeps as many instances', () => {
    const given = { id: 'a', target: { urls: ['http://a', 'http://b'] }, auth: { type: 'bearer', token: 't' } };
    expect(readDefinition(given, { path: [], services: false }).definition).toMatchObject({
      target: { urls: ['http://a', 'http://b'], headers: { Authorization: 'Bearer t' } },
      instances: { min: 2 },
    });
  });

  it('is a frozen copy, and of a function the function itself', () => {
    const tags = ['x'];
    const { definition } = readDefinition({ id: 'a', target: { service }, tags }, { path: [], services: true });
    tags.push('y');
    expect(definition).toMatchObject({ target: { service }, tags: ['x'] });
    expect(Object.isFrozen(definition?.tags)).toBe(true);
    expect(Object.isFrozen(service)).toBe(false);
  });

  it('passes again as it came out', () => {
    const { definition } = readDefinition({ id: 'a', target: at, name: 'A' }, { path: [], services: false });
    expect(readDefinition(definition, { path: [], services: false }).definition).toEqual(definition);
  });

  it.each([
    ['null', null, 'servers.a: found nothing; expected a definition, an object with "id" and "target"'],
    ['a text', 'http://x', 'servers.a: found a text; expected a definition, an object with "id" and "target"'],
    [
      'no target',
      { id: 'a' },
      'servers.a.target: "target" is missing; expected an object with "url", "urls" or "command", or with "service", a function',
    ],
    ['a text as target', { id: 'a', target: 'http://x' }, 'servers.a.target: found a text; expected an object with'],
    ['an empty target', { id: 'a', target: {} }, 'servers.a: it does not say where the server is'],
    [
      'a service that is none',
      { id: 'a', target: { service: 1 } },
      'servers.a.target.service: found a number; expected a function',
    ],
    [
      'a service at a URL',
      { id: 'a', target: { service, url: 'http://x' } },
      'servers.a.target.url: a "service" stands alone',
    ],
    [
      'credentials of a service',
      { id: 'a', target: { service }, auth: { type: 'none' } },
      'servers.a.auth: "auth" belongs to a URL',
    ],
    ['a URL beside the target', { id: 'a', target: at, url: 'http://x' }, 'servers.a.url: "url" belongs in "target"'],
    [
      'credentials in the target',
      { id: 'a', target: { ...at, auth: { type: 'none' } } },
      'servers.a.target.auth: "auth" stands beside "target"',
    ],
    [
      'a key that is mistyped',
      { id: 'a', target: at, prioritty: 1 },
      'servers.a.prioritty: unknown key "prioritty"; did you mean "priority"?',
    ],
    [
      'a key of the target that is mistyped',
      { id: 'a', target: { ...at, header: {} } },
      'servers.a.target.header: unknown key "header"; did you mean "headers"?',
    ],
    [
      'a key further in',
      { id: 'a', target: at, calls: { maxConcurent: 1 } },
      'servers.a.calls.maxConcurent: unknown key "maxConcurent"; did you mean "maxConcurrent"?',
    ],
    ['an id with spaces', { id: 'A B/..', target: at }, 'servers.a: this id cannot be a prefix of names'],
    ['an id of 100 characters', { id: 'x'.repeat(100), target: at }, 'servers.a: this id cannot be a prefix of names'],
    ['an id that is a number', { id: 5, target: at }, 'servers.a.id: found a number; expected 1 to 32 of a-z'],
    ['an id of objects', { id: '__proto__', target: at }, 'servers.a: this id cannot be a prefix of names'],
    [
      'a priority in words',
      { id: 'a', target: at, priority: 'high' },
      'servers.a.priority: found the text "high"; expected a whole number',
    ],
    [
      'a priority that is no number',
      { id: 'a', target: at, priority: Number.NaN },
      'servers.a.priority: found NaN; expected a whole number',
    ],
    [
      'a text for a list',
      { id: 'a', target: at, domains: 'docs' },
      'servers.a.domains: found the text "docs"; expected a list of texts',
    ],
    [
      'nothing for a mapping',
      { id: 'a', target: at, instances: null },
      'servers.a.instances: found nothing; expected a mapping',
    ],
    [
      'a time that is over',
      { id: 'a', target: at, timeoutMs: -1 },
      'servers.a.timeoutMs: found -1; expected a whole number of milliseconds from 1 to 86400000',
    ],
    [
      'a time without end',
      { id: 'a', target: at, connectTimeoutMs: Infinity },
      'servers.a.connectTimeoutMs: found Infinity; expected a whole number of milliseconds',
    ],
    [
      'no calls at all',
      { id: 'a', target: at, calls: { maxConcurrent: 0 } },
      'servers.a.calls.maxConcurrent: found 0; expected a whole number of calls from 1',
    ],
    ['what is no URL', { id: 'a', target: { url: 'not a url' } }, 'servers.a.target.url: this is not a complete URL'],
    [
      'a port for a scheme',
      { id: 'a', target: { url: 'localhost:80/mcp' } },
      'servers.a.target.url: this is not a complete URL',
    ],
    ['half a URL', { id: 'a', target: { url: 'http:x' } }, 'servers.a.target.url: this is not a complete URL'],
    [
      'no URL of several',
      { id: 'a', target: { urls: [] } },
      'servers.a.target.urls: found a list; expected a list of 1 to 64 URLs',
    ],
    [
      'a URL twice',
      { id: 'a', target: { urls: ['http://x', 'http://x'] } },
      'servers.a.target.urls[1]: this URL is there twice',
    ],
    [
      'one and several URLs',
      { id: 'a', target: { ...at, urls: ['http://x'] } },
      'servers.a: "url" and "urls" are both there',
    ],
    [
      'fewer instances than URLs',
      { id: 'a', target: { urls: ['http://x', 'http://y'] }, instances: { max: 1 } },
      'servers.a.instances.max: "max" is less than the number of URLs (2)',
    ],
    [
      'a process for several URLs',
      { id: 'a', target: { urls: ['http://x'], start: { command: 'x' } } },
      'servers.a.target.start: "start" belongs to "url"',
    ],
    [
      'a header of the transport',
      { id: 'a', target: { ...at, headers: { 'Content-Type': 'x' } } },
      'servers.a.target.headers.Content-Type: this header is written by the transport',
    ],
  ])('is refused with %s', (_, given, problem) => {
    expect(problemsOf(given)).toEqual([expect.stringContaining(problem)]);
  });

  it('is told all that is wrong at once', () => {
    const given = { id: 'A', target: { url: 'x', argz: [] }, priority: 'high', tags: 5, oops: 1 };
    expect(problemsOf(given).map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
      'servers.a.target.argz',
      'servers.a.oops',
      'servers.a.priority',
      'servers.a.tags',
      'servers.a',
      'servers.a.target.url',
    ]);
  });

  it('may contain itself, and is refused', () => {
    const endless: Record<string, unknown> = { id: 'a', target: at };
    endless['calls'] = endless;
    endless['instances'] = { min: endless };
    expect(problemsOf(endless).length).toBeGreaterThan(0);
  });

  it('repeats no secret', () => {
    const given = { id: 'a', target: { url: 's3cret', headers: { x: 's3cret\n' } }, auth: { type: 's3cret' } };
    expect(problemsOf(given).join(' ')).not.toContain('s3cret');
  });
});

describe('a definition that is to be kept', () => {
  it('is no function, and has all that lists are made by', () => {
    const whole = { id: 'a', target: at, priority: 0, domains: [], capabilities: [], tags: [] };
    expect(() => checkDefinition(whole)).not.toThrow();
    expect(() => checkDefinition({ ...whole, target: { service } } as never)).toThrow('cannot be kept');
    expect(() => checkDefinition({ id: 'a', target: at } as never)).toThrow('domains: "domains" is missing');
  });
});
