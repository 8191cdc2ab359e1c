import { describe, expect, it } from 'vitest';
import { eventFrame, primerFrame } from './event-frame.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const frame = (message: string): string => text(eventFrame(Buffer.from(message)));

describe('an event', () => {
  it('carries a message on one line', () => {
    expect(frame('{"a":"ü\\n"}')).toBe('event: message\ndata: {"a":"ü\\n"}\n\n');
  });

  it('carries a message with line breaks on several, whatever kind they are', () => {
    expect(frame('{\n"a":1,\r\n"b":2,\r"c":3\n}')).toBe(
      'event: message\ndata: {\ndata: "a":1,\ndata: "b":2,\ndata: "c":3\ndata: }\n\n',
    );
  });
});

describe('an event that a client can come back to', () => {
  it('begins with its id', () => {
    expect(text(eventFrame(Buffer.from('{"a":\n1}'), 's-1-2'))).toBe(
      'id: s-1-2\nevent: message\ndata: {"a":\ndata: 1}\n\n',
    );
  });

  it('may have no message, and say when to come back', () => {
    expect(text(primerFrame('s-1-2', 250))).toBe('id: s-1-2\nretry: 250\ndata: \n\n');
  });
});
