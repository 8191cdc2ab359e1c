import { describe, expect, it } from 'vitest';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import { toWireError } from '../../errors/wire-error.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { checkNotification, checkRequest } from './ladder.ts';

const version = 'io.modelcontextprotocol/protocolVersion';
const capabilities = 'io.modelcontextprotocol/clientCapabilities';
const logLevel = 'io.modelcontextprotocol/logLevel';
const whole = { [version]: '2026-07-28', [capabilities]: {} };
const versionHeader = { 'mcp-protocol-version': '2026-07-28' };

interface Verdict {
  readonly status: number;
  readonly code: unknown;
  readonly facts: unknown;
}

function verdict(run: () => unknown): Verdict | 'passes' {
  try {
    run();
    return 'passes';
  } catch (error) {
    if (!ToolyardError.is(error)) throw error;
    const { httpStatus, error: wire } = toWireError(error);
    return { status: httpStatus, code: wire.member('code')?.value, facts: error.facts };
  }
}

function check(method: string, params: Record<string, unknown>, headers?: Record<string, string>): Verdict | 'passes' {
  return verdict(() =>
    checkRequest(method, RawObject.of(params), headers === undefined ? undefined : (name) => headers[name]),
  );
}

function missing(key: string): Verdict {
  return { status: 400, code: -32602, facts: { key } };
}

function mismatch(header: string, reason: string): Verdict {
  return { status: 400, code: -32020, facts: { header, reason } };
}

describe('checkRequest', () => {
  it.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['server/discover', { _meta: whole }, { 'mcp-method': 'server/discover' }],
    ['tools/call', { name: 't', _meta: whole }, { 'mcp-method': 'tools/call', 'mcp-name': 't' }],
    ['tools/call', { name: 't', _meta: whole }, { 'mcp-method': ' tools/call\t', 'mcp-name': '  t  ' }],
    ['prompts/get', { name: 'ü', _meta: whole }, { 'mcp-method': 'prompts/get', 'mcp-name': '=?base64?w7w=?=' }],
    ['resources/read', { uri: 'a:b', _meta: whole }, { 'mcp-method': 'resources/read', 'mcp-name': 'a:b' }],
    ['tools/list', { _meta: whole }, { 'mcp-method': 'tools/list', 'mcp-name': 'no business of ours' }],
    // Whoever handles the method says that the name is missing.
    ['tools/call', { _meta: whole }, { 'mcp-method': 'tools/call' }],
  ])('lets %s with %j and %j pass', (method, params, headers) => {
    expect(check(method, params, { ...versionHeader, ...headers })).toBe('passes');
  });

  it.each<[string, Record<string, unknown>]>([
    ['nothing', {}],
    ['a _meta of another kind', { _meta: null }],
    ['no version', { _meta: { [capabilities]: {} } }],
    ['a version that is no string', { _meta: { ...whole, [version]: 20260728 } }],
  ])('asks for the version where there is %s', (_what, params) => {
    expect(check('server/discover', params, { ...versionHeader, 'mcp-method': 'server/discover' })).toEqual(
      missing(version),
    );
  });

  it.each<[string, Record<string, unknown>]>([
    ['no capabilities', { _meta: { [version]: '2026-07-28' } }],
    ['capabilities that are no object', { _meta: { ...whole, [capabilities]: [] } }],
  ])('asks for capabilities where there are %s', (_what, params) => {
    expect(check('server/discover', params, { ...versionHeader, 'mcp-method': 'server/discover' })).toEqual(
      missing(capabilities),
    );
  });

  it('does without clientInfo', () => {
    expect(check('server/discover', { _meta: whole }, { ...versionHeader, 'mcp-method': 'server/discover' })).toBe(
      'passes',
    );
  });

  it.each<[string, Record<string, unknown>, Record<string, string>, Verdict]>([
    [
      'a version header that is missing',
      {},
      { 'mcp-method': 'tools/list' },
      mismatch('MCP-Protocol-Version', 'missing'),
    ],
    [
      'a version header that says otherwise',
      { [version]: 'v999.0.0' },
      { ...versionHeader, 'mcp-method': 'tools/list' },
      mismatch('MCP-Protocol-Version', 'names another version than the body'),
    ],
    ['a method header that is missing', {}, versionHeader, mismatch('Mcp-Method', 'missing')],
    [
      'another method',
      {},
      { ...versionHeader, 'mcp-method': 'prompts/list' },
      mismatch('Mcp-Method', 'names another method than the body'),
    ],
    [
      'another letter case',
      {},
      { ...versionHeader, 'mcp-method': 'TOOLS/LIST' },
      mismatch('Mcp-Method', 'names another method than the body'),
    ],
    [
      'a method in Base64, which nobody on the way would decode',
      {},
      { ...versionHeader, 'mcp-method': '=?base64?dG9vbHMvbGlzdA==?=' },
      mismatch('Mcp-Method', 'names another method than the body'),
    ],
  ])('refuses %s', (_what, meta, headers, expected) => {
    expect(check('tools/list', { _meta: { ...whole, ...meta } }, headers)).toEqual(expected);
  });

  it.each<[string, Record<string, unknown>, Record<string, string>, string]>([
    ['is missing', { name: 't' }, {}, 'missing'],
    ['says otherwise', { name: 't' }, { 'mcp-name': 'wrong_tool_name' }, 'differs from params.name'],
    ['differs in letter case', { name: 't' }, { 'mcp-name': 'T' }, 'differs from params.name'],
    ['is badly encoded', { name: 'Hello' }, { 'mcp-name': '=?base64?SGVsbG8?=' }, 'is badly encoded'],
    ['mirrors nothing', {}, { 'mcp-name': 't' }, 'differs from params.name'],
  ])('refuses a name header that %s', (_what, params, headers, reason) => {
    expect(
      check('tools/call', { ...params, _meta: whole }, { ...versionHeader, 'mcp-method': 'tools/call', ...headers }),
    ).toEqual(mismatch('Mcp-Name', reason));
  });

  it.each(['v999.0.0', '2025-11-25', '2027-01-01', ''])(
    'names what it speaks to a client of version %j, whatever else is wrong',
    (requested) => {
      const params = { _meta: { [version]: requested } };
      const expected = { status: 400, code: -32022, facts: { requested, supported: ['2026-07-28'] } };
      expect(check('server/discover', params, { 'mcp-protocol-version': requested })).toEqual(expected);
      expect(check('server/discover', params)).toEqual(expected);
    },
  );

  it('refuses a log level that is none', () => {
    const params = { _meta: { ...whole, [logLevel]: 'loud' } };
    expect(check('tools/list', params)).toMatchObject({
      code: -32602,
      facts: { reason: `${logLevel} is not a log level` },
    });
    expect(check('tools/list', { _meta: { ...whole, [logLevel]: 'debug' } })).toBe('passes');
  });

  it('checks no headers on pipes', () => {
    expect(check('tools/call', { name: 't', _meta: whole })).toBe('passes');
    expect(check('tools/call', { name: 't' })).toEqual(missing(version));
  });

  it('tells what it read', () => {
    const clientInfo = { name: 'c', version: '1' };
    const params = {
      _meta: { ...whole, 'io.modelcontextprotocol/clientInfo': clientInfo, progressToken: 'p', [logLevel]: 'info' },
    };
    const meta = checkRequest('tools/list', RawObject.of(params));
    expect(meta.revision).toBe('2026-07-28');
    expect(meta.capabilities.text).toBe('{}');
    expect(meta.clientInfo?.value).toEqual(clientInfo);
    expect(meta.progressToken).toBe('p');
    expect(meta.logLevel).toBe('info');
  });
});

describe('checkNotification', () => {
  function check(params: Record<string, unknown>, headers: Record<string, string>): Verdict | 'passes' {
    return verdict(() => checkNotification('notifications/x', RawObject.of(params), (name) => headers[name]));
  }

  it('asks for no header', () => {
    expect(check({}, {})).toBe('passes');
    expect(check({ _meta: whole }, {})).toBe('passes');
    expect(check({ _meta: whole }, { ...versionHeader, 'mcp-method': 'notifications/x' })).toBe('passes');
  });

  it('refuses headers that say otherwise than the body', () => {
    expect(check({}, { 'mcp-method': 'notifications/y' })).toEqual(
      mismatch('Mcp-Method', 'names another method than the body'),
    );
    expect(check({ _meta: whole }, { 'mcp-protocol-version': '2025-11-25' })).toEqual(
      mismatch('MCP-Protocol-Version', 'names another version than the body'),
    );
  });
});
