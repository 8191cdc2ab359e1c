import { describe, expect, it } from 'vitest';
import { eventFrame } from './event-frame.ts';

const frame = (text: string): string => Buffer.from(eventFrame(Buffer.from(text))).toString();

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
