import { RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';

import { renderNotification, renderResult } from './render-result.ts';

describe('the result of a tool', () => {
  it('is its text, and what else there is by kind and size', () => {
    const result = RawObject.of({
      content: [
        { type: 'text', text: 'one\ntwo\u001b[31m' },
        { type: 'image', data: 'AAAA', mimeType: 'image/png' },
        { type: 'resource_link', uri: 'demo://1' },
        { type: 'resource', resource: { uri: 'demo://2', text: 'inside' } },
        { type: 'resource', resource: { uri: 'demo://3', mimeType: 'x/y', blob: 'AA==' } },
        { type: 'hologram', depth: 3 },
      ],
    });
    expect(renderResult(result)).toBe(
      'one\ntwo[31m\n[image image/png, 3 bytes]\n[resource demo://1]\ninside\n[resource x/y, 1 bytes]\n{"type":"hologram","depth":3}',
    );
  });

  it('is its structured content where there is nothing else, with big numbers as they came', () => {
    expect(renderResult(RawObject.read(Buffer.from('{"content":[],"structuredContent":{"n":9007199254740993}}')))).toBe(
      '{"n":9007199254740993}',
    );
  });
});

describe('what is told during a call', () => {
  it('is progress, or a message', () => {
    expect(renderNotification('notifications/progress', RawObject.of({ progress: 1, total: 4, message: 'step' }))).toBe(
      '1/4 step',
    );
    expect(renderNotification('notifications/progress', RawObject.of({ progress: 0.5 }))).toBe('0.5');
    expect(renderNotification('notifications/message', RawObject.of({ level: 'warning', data: { a: 1 } }))).toBe(
      'warning: {"a":1}',
    );
    expect(renderNotification('notifications/other', RawObject.empty)).toBeUndefined();
  });
});
