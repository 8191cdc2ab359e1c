import { JSONRPCErrorResponseSchema } from '@modelcontextprotocol/core';
import { describe, expect, it } from 'vitest';
import { encodeError } from '../wire/encode.ts';
import { RawObject } from '../wire/raw-object.ts';
import type { ErrorCode, ErrorFacts } from './error-facts.ts';
import { errorTable } from './error-table.ts';
import { ToolyardError } from './toolyard-error.ts';
import { toWireError } from './wire-error.ts';

function wire<C extends ErrorCode>(code: C, facts: ErrorFacts[C], message = 'm'): string {
  const { httpStatus, error } = toWireError(new ToolyardError(code, facts, message));
  return `${String(httpStatus)} ${error.text}`;
}

const upstreamError = (text: string): string =>
  wire('UPSTREAM_ERROR', { upstream: 'files', error: RawObject.read(new TextEncoder().encode(text)) });

describe('toWireError writes', () => {
  it.each<[string, string]>([
    [wire('PARSE_ERROR', { offset: 3 }), '400 {"code":-32700,"message":"m","data":{"code":"PARSE_ERROR","offset":3}}'],
    [
      wire('INVALID_REQUEST', { reason: 'r' }),
      '400 {"code":-32600,"message":"m","data":{"code":"INVALID_REQUEST","reason":"r"}}',
    ],
    [
      wire('HEADER_MISMATCH', { header: 'Mcp-Name', reason: 'r' }),
      '400 {"code":-32020,"message":"m","data":{"code":"HEADER_MISMATCH","header":"Mcp-Name","reason":"r"}}',
    ],
    [
      wire('CAPABILITY_REQUIRED', { requiredCapabilities: { elicitation: {} } }),
      '400 {"code":-32021,"message":"m","data":{"code":"CAPABILITY_REQUIRED","requiredCapabilities":{"elicitation":{}}}}',
    ],
    [
      wire('VERSION_UNSUPPORTED', { requested: '1900-01-01', supported: ['2026-07-28'] }),
      '400 {"code":-32022,"message":"m","data":{"code":"VERSION_UNSUPPORTED","requested":"1900-01-01","supported":["2026-07-28"]}}',
    ],
    [wire('META_MISSING', { key: 'k' }), '400 {"code":-32602,"message":"m","data":{"code":"META_MISSING","key":"k"}}'],
    [
      wire('METHOD_UNKNOWN', { method: 'x' }),
      '404 {"code":-32601,"message":"m","data":{"code":"METHOD_UNKNOWN","method":"x"}}',
    ],
    [
      wire('TOOL_UNKNOWN', { tool: 't', nearest: ['u'] }),
      '200 {"code":-32602,"message":"m","data":{"code":"TOOL_UNKNOWN","tool":"t","nearest":["u"]}}',
    ],
    [
      wire('RESOURCE_UNKNOWN', { uri: 'file:///x' }),
      '200 {"code":-32602,"message":"m","data":{"code":"RESOURCE_UNKNOWN","uri":"file:///x"}}',
    ],
    [wire('CURSOR_INVALID', {}), '200 {"code":-32602,"message":"m","data":{"code":"CURSOR_INVALID"}}'],
    [
      wire('MESSAGE_TOO_LARGE', { limitBytes: 5 }),
      '413 {"code":1001,"message":"m","data":{"code":"MESSAGE_TOO_LARGE","limitBytes":5}}',
    ],
    [
      wire('UNAUTHENTICATED', { reason: 'r' }),
      '401 {"code":1101,"message":"m","data":{"code":"UNAUTHENTICATED","reason":"r"}}',
    ],
    [
      wire('ORIGIN_REJECTED', { origin: 'o' }),
      '403 {"code":1102,"message":"m","data":{"code":"ORIGIN_REJECTED","origin":"o"}}',
    ],
    [wire('SESSION_UNKNOWN', {}), '404 {"code":1104,"message":"m","data":{"code":"SESSION_UNKNOWN"}}'],
    [
      wire('MEDIA_TYPE_UNSUPPORTED', { header: 'Content-Type', expected: 'e' }),
      '415 {"code":1107,"message":"m","data":{"code":"MEDIA_TYPE_UNSUPPORTED","header":"Content-Type","expected":"e"}}',
    ],
    [
      wire('MEDIA_TYPE_UNSUPPORTED', { header: 'Accept', expected: 'e' }),
      '406 {"code":1107,"message":"m","data":{"code":"MEDIA_TYPE_UNSUPPORTED","header":"Accept","expected":"e"}}',
    ],
    [
      wire(
        'UPSTREAM_TIMEOUT',
        { upstream: 'files', method: 'tools/call', afterMs: 60000 },
        'The server "files" did not answer.',
      ),
      '200 {"code":1202,"message":"The server \\"files\\" did not answer.","data":{"code":"UPSTREAM_TIMEOUT","upstream":"files","method":"tools/call","afterMs":60000}}',
    ],
    [wire('INTERNAL', {}), '500 {"code":-32603,"message":"m","data":{"code":"INTERNAL"}}'],
  ])('%s', (written, expected) => {
    expect(written).toBe(expected);
  });

  it.each([
    new Error('secret of this machine'),
    new TypeError('x'),
    'a string',
    undefined,
    null,
    { code: 'PARSE_ERROR', facts: { offset: 1 } },
  ])('anything that is not ours as an internal error without its message: %s', (thrown) => {
    const { httpStatus, error } = toWireError(thrown);
    expect(httpStatus).toBe(500);
    expect(error.text).toBe('{"code":-32603,"message":"Internal error.","data":{"code":"INTERNAL"}}');
  });

  it('a code that only another copy of this package knows as an internal error', () => {
    const foreign = Object.assign(new ToolyardError('INTERNAL', {}, 'm'), { code: 'FROM_THE_FUTURE' });
    expect(toWireError(foreign).error.text).toBe(
      '{"code":-32603,"message":"Internal error.","data":{"code":"INTERNAL"}}',
    );
  });
});

describe("toWireError relays a server's own error", () => {
  it.each([
    ['{ "code" : -32000.0, "message":"é\\u00e9", "data":{"big":9007199254740993}, "x":1 }', 200],
    ['{"code":-32602,"message":"Unknown tool"}', 200],
    ['{"code":-32601,"message":"Method not found"}', 404],
    ['{"code":-32021,"message":"m","data":{"requiredCapabilities":{"sampling":{}}}}', 400],
    ['{"code":-32603,"message":"m"}', 200],
    ['{"code":42,"message":"m"}', 200],
  ])('byte for byte: %s', (text, status) => {
    expect(upstreamError(text)).toBe(`${String(status)} ${text}`);
  });

  it.each([-32020, -32022])('never %i, which is about our way to it', (code) => {
    expect(upstreamError(`{"code":${String(code)},"message":"secret"}`)).toBe(
      `200 {"code":1204,"message":"The server \\"files\\" rejected how it was called.","data":{"code":"UPSTREAM_MALFORMED","upstream":"files","reason":"it answered with ${String(code)}, which is about the way to it and not about the call"}}`,
    );
  });

  it('with the codes that this revision forbids replaced, and everything else as it came', () => {
    expect(upstreamError('{ "code": -32002 , "message":"gone","data":{"uri":"x://1.0"}}')).toBe(
      '200 { "code": -32602 , "message":"gone","data":{"uri":"x://1.0"}}',
    );
    expect(upstreamError('{"code":-32042,"message":"m","data":{"elicitations":[]}}')).toBe(
      '200 {"code":1200,"message":"m","data":{"elicitations":[]}}',
    );
  });

  it('unless it has two codes: then the server is malformed', () => {
    expect(upstreamError('{"code":-1,"code":-32020,"message":"m"}')).toContain('"UPSTREAM_MALFORMED"');
  });
});

describe('the error table', () => {
  const rows = Object.entries(errorTable);

  it('gives every code of our own a number that JSON-RPC and MCP leave free, and no other code has', () => {
    const own = rows.map(([, row]) => row.jsonRpcCode).filter((code) => code < -32768 || code > -32000);
    expect(new Set(own).size).toBe(own.length);
  });

  it('uses of the reserved range only what the specification defines', () => {
    const reserved = rows.map(([, row]) => row.jsonRpcCode).filter((code) => code >= -32768 && code <= -32000);
    expect(new Set(reserved)).toEqual(new Set([-32700, -32600, -32601, -32602, -32603, -32020, -32021, -32022]));
  });

  it('makes errors that the schema of the specification takes', () => {
    const facts = {
      requested: 'a',
      supported: ['b'],
      requiredCapabilities: {},
      header: 'h',
      error: RawObject.of({ code: 1, message: 'm' }),
    };
    for (const code of Object.keys(errorTable)) {
      // Every fact that any row of this loop is asked for, whatever its code: only the shape of the response is of interest here.
      const thrown = Object.assign(new ToolyardError('INTERNAL', {}, 'm'), { code, facts });
      const message: unknown = JSON.parse(new TextDecoder().decode(encodeError('1', toWireError(thrown).error)));
      expect({ code, ok: JSONRPCErrorResponseSchema.safeParse(message).success }).toEqual({ code, ok: true });
    }
  });
});
