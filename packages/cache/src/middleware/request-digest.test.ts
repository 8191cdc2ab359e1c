import { createCall, RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { requestDigest } from './request-digest.ts';

function digestOf(params: string, capabilities = '{}', method = 'resources/read'): string {
  const raw = RawObject.read(Buffer.from(params));
  const caller = { capabilities: RawObject.read(Buffer.from(capabilities)) };
  return requestDigest(createCall(method, { params: raw, caller }));
}

const base = digestOf('{"uri":"file:///a","n":1}');

describe('the digest of a request', () => {
  it.each([
    ['the order of members', '{"n":1,"uri":"file:///a"}'],
    ['an empty _meta', '{"uri":"file:///a","n":1,"_meta":{}}'],
    [
      'what belongs to one hop',
      `{"uri":"file:///a","n":1,"_meta":{"progressToken":7,"traceparent":"00-1","tracestate":"x","io.modelcontextprotocol/logLevel":"debug",
      "io.modelcontextprotocol/clientInfo":{"name":"x"},"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}`,
    ],
  ])('does not depend on %s', (_, params) => {
    expect(digestOf(params)).toBe(base);
  });

  it.each([
    ['another value', '{"uri":"file:///b","n":1}'],
    ['a member more', '{"uri":"file:///a","n":1,"m":1}'],
    ['another member of _meta', '{"uri":"file:///a","n":1,"_meta":{"com.example/locale":"de"}}'],
    ['baggage, which a server may act on', '{"uri":"file:///a","n":1,"_meta":{"baggage":"flag=1"}}'],
  ])('depends on %s', (_, params) => {
    expect(digestOf(params)).not.toBe(base);
  });

  it('depends on the method and on what the client can do', () => {
    expect(digestOf('{"uri":"file:///a","n":1}', '{}', 'tools/call')).not.toBe(base);
    expect(digestOf('{"uri":"file:///a","n":1}', '{"elicitation":{}}')).not.toBe(base);
  });

  it('tells numbers apart that JavaScript cannot, and values that are spelled in two ways', () => {
    expect(digestOf('{"id":9007199254740993}')).not.toBe(digestOf('{"id":9007199254740992}'));
    expect(digestOf('{"a":{"x":1,"x":2}}')).not.toBe(digestOf('{"a":{"x":2}}'));
  });

  it('does not take params for members of _meta', () => {
    expect(digestOf('{"a":1,"_meta":{"b":2}}')).not.toBe(digestOf('{"a":1,"b":2}'));
    expect(digestOf('{"_meta":{"a":1}}')).not.toBe(digestOf('{"a":1}'));
    expect(digestOf('{"_meta":1}')).not.toBe(digestOf('{}'));
  });
});
