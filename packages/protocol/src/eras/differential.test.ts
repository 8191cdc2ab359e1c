import { classifyInboundRequest, createMcpHandler, Server } from '@modelcontextprotocol/server';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ToolyardError } from '../errors/toolyard-error.ts';
import { toWireError } from '../errors/wire-error.ts';
import { RawObject } from '../wire/raw-object.ts';
import { checkRequest } from './modern/ladder.ts';
import { requestEra } from './request-era.ts';

const version = 'io.modelcontextprotocol/protocolVersion';
const capabilities = 'io.modelcontextprotocol/clientCapabilities';
const clientInfo = 'io.modelcontextprotocol/clientInfo';
const logLevel = 'io.modelcontextprotocol/logLevel';

interface Posted {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** `legacy` and `modern` (served, whatever becomes of it), or the refusal that the ladder itself gives. */
type Verdict = 'legacy' | 'modern' | `${number} ${number}`;

const ladderCodes: ReadonlySet<unknown> = new Set([-32602, -32020, -32022]);

const handler = createMcpHandler(
  () => {
    const server = new Server(
      { name: 'reference', version: '1' },
      { capabilities: { tools: {}, prompts: {}, resources: {} } },
    );
    server.setRequestHandler('tools/list', () => ({ tools: [] }));
    server.setRequestHandler('tools/call', () => ({ content: [] }));
    server.setRequestHandler('prompts/get', () => ({ messages: [] }));
    server.setRequestHandler('resources/read', () => ({ contents: [] }));
    return server;
  },
  { legacy: 'reject' },
);

afterAll(() => handler.close());

/** What the official SDK says: its classifier alone decides the era, the handler it stands in all the rest. */
async function theirs({ method, params, headers }: Posted): Promise<Verdict> {
  const body = { jsonrpc: '2.0', id: 1, method, ...(params === undefined ? {} : { params }) };
  const outcome = classifyInboundRequest({
    httpMethod: 'POST',
    body,
    ...(headers['mcp-protocol-version'] === undefined
      ? {}
      : { protocolVersionHeader: headers['mcp-protocol-version'] }),
    ...(headers['mcp-method'] === undefined ? {} : { mcpMethodHeader: headers['mcp-method'] }),
    ...(headers['mcp-name'] === undefined ? {} : { mcpNameHeader: headers['mcp-name'] }),
  });
  if (outcome.kind === 'legacy') return 'legacy';
  if (outcome.kind === 'reject') return `${outcome.httpStatus} ${outcome.code}`;
  const response = await handler.fetch(
    new Request('http://localhost/mcp', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: JSON.stringify(body),
    }),
  );
  if (response.status !== 400) {
    await response.body?.cancel();
    return 'modern';
  }
  const { error } = (await response.json()) as { error?: { code?: number } };
  return ladderCodes.has(error?.code) ? `400 ${error?.code ?? 0}` : 'modern';
}

function ours({ method, params, headers }: Posted): Verdict {
  const raw = RawObject.of(params ?? {});
  try {
    if (requestEra(method, raw, headers['mcp-protocol-version']) === 'legacy') return 'legacy';
    checkRequest(method, raw, (name) => headers[name]);
    return 'modern';
  } catch (error) {
    if (!ToolyardError.is(error)) throw error;
    const { httpStatus, error: wire } = toWireError(error);
    return `${httpStatus} ${Number(wire.member('code')?.text)}`;
  }
}

const versions = ['2026-07-28', '2025-11-25', '2027-01-01', 'v999.0.0', ''];
const names = ['add', 'file:///a b', 'ü', ' padded ', ''];
const methods = [
  'initialize',
  'server/discover',
  'tools/list',
  'tools/call',
  'prompts/get',
  'resources/read',
  'tasks/get',
  'ping',
  'no/such',
  'constructor',
];
const nameMembers: Readonly<Record<string, string>> = { 'resources/read': 'uri', 'tasks/get': 'taskId' };
const base64 = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`;

/** What is right far more often than it is wrong, so that a request is seldom wrong in more than one place. */
function mostly<T, U>(right: readonly T[], wrong: readonly U[]): fc.Arbitrary<T | U> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...right) },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
  );
}

function maybe<T>(arbitrary: fc.Arbitrary<T>, seldomMissing = 12): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: seldomMissing });
}

function defined(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

const meta = fc
  .record({
    [version]: maybe(mostly(['2026-07-28'], [...versions, null, 20260728])),
    [capabilities]: maybe(mostly([{}, { sampling: {} }], [null, [], 'all', { sampling: true }])),
    [clientInfo]: maybe(mostly([{ name: 'c', version: '1' }], [{}, 'c', { name: 1 }]), 2),
    [logLevel]: maybe(mostly(['info'], ['loud', 3]), 2),
    progressToken: maybe(mostly(['p', 7], [1.5, {}]), 2),
    'com.example/more': maybe(fc.jsonValue(), 2),
  })
  .map(defined);

const corpus: fc.Arbitrary<Posted> = fc
  .record({
    method: fc.constantFrom(...methods),
    meta: fc.oneof(
      { weight: 20, arbitrary: meta },
      { weight: 1, arbitrary: fc.constantFrom(undefined, null, 5, [], 'meta') },
    ),
    name: mostly(names, [undefined, 7]),
    protocolVersion: maybe(fc.constantFrom(...versions), 2),
    bare: mostly([false], [true]),
    versionHeader: maybe(mostly(['2026-07-28', ' 2026-07-28\t'], versions)),
    methodHeader: mostly(['same', 'padded'] as const, ['upper', 'other', 'base64', undefined] as const),
    nameHeader: mostly(['same', 'encoded', 'padded'] as const, ['other', 'broken', undefined] as const),
  })
  .map(({ method, meta: _meta, name, protocolVersion, bare, versionHeader, methodHeader, nameHeader }) => {
    const text = String(name ?? 'add');
    const plain = /^[\x21-\x7e]*$/.test(text) ? text : base64(text);
    const given = {
      same: plain,
      encoded: base64(text),
      padded: `  ${plain} `,
      other: 'another',
      broken: '=?base64?%?=',
    };
    const said = {
      same: method,
      padded: ` ${method}\t`,
      upper: method.toUpperCase(),
      other: 'tools/other',
      base64: base64(method),
    };
    const headers = defined({
      'mcp-protocol-version': versionHeader,
      'mcp-method': methodHeader && said[methodHeader],
      'mcp-name': nameHeader && given[nameHeader],
    }) as Record<string, string>;
    return {
      method,
      params: bare ? undefined : defined({ _meta, [nameMembers[method] ?? 'name']: name, protocolVersion }),
      headers,
    };
  });

function metaOf({ params }: Posted): Readonly<Record<string, unknown>> {
  const given = params?.['_meta'];
  return isObject(given) ? given : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What 2026-07-28 leaves to the client to send, and this one sent wrongly. */
function optionalPartIsWrong(request: Posted): boolean {
  const { [clientInfo]: info, [logLevel]: level, [capabilities]: declared } = metaOf(request);
  const odd =
    info !== undefined && !(isObject(info) && typeof info['name'] === 'string' && typeof info['version'] === 'string');
  return odd || (level !== undefined && level !== 'info') || (isObject(declared) && declared['sampling'] === true);
}

/** Where the two differ, and why ours is what we want. */
const differences: Readonly<Record<string, (request: Posted, our: Verdict, their: Verdict) => boolean>> = {
  /** The SDK reads `_meta` and its progress token as part of the JSON-RPC frame. Here neither makes a message unreadable: a token that is none is as good as absent. */
  'what is no progress token is -32600 there, and no token here': (request, _our, their) => {
    const given = request.params?.['_meta'];
    const token = metaOf(request)['progressToken'];
    const noMeta = given !== undefined && !isObject(given);
    return (
      their === '400 -32600' &&
      (noMeta || (token !== undefined && typeof token !== 'string' && !Number.isInteger(token)))
    );
  },
  /** A client of another revision may not know what else 2026-07-28 wants of it, so the versions that it could use come first. */
  'an unknown version is told before all else here': (request, our, their) => {
    const claimed = metaOf(request)[version];
    return (
      typeof claimed === 'string' &&
      claimed !== '2026-07-28' &&
      our === '400 -32022' &&
      (their === '400 -32602' || their === '400 -32020')
    );
  },
  /** Both are wrong, and either error is right. Headers come first here because they decide where a request goes. */
  'headers are checked before capabilities here': (request, our, their) =>
    our === '400 -32020' &&
    their === '400 -32602' &&
    (!isObject(metaOf(request)[capabilities]) || optionalPartIsWrong(request)),
  /** The SDK has one schema for all of `_meta`. Here `clientInfo` and what is in capabilities are passed on as they came, since no decision hangs on them. */
  'optional parts of _meta are not judged here': (request, our, their) =>
    our === 'modern' && their === '400 -32602' && optionalPartIsWrong(request),
  /** It is an ordinary invalid parameter, and no part of the envelope that 400 is for. */
  'a log level that is none is 200 here': (request, our, their) =>
    our === '200 -32602' && their === '400 -32602' && metaOf(request)[logLevel] !== undefined,
  /** A client that names a modern version and its capabilities has left `initialize` behind, whatever else it got wrong. */
  'an initialize with a modern _meta is modern here even where optional parts are wrong': (request, our, their) =>
    request.method === 'initialize' &&
    our !== 'legacy' &&
    (their === 'legacy' || their === '400 -32020') &&
    optionalPartIsWrong(request),
  /** Someone on the way may have routed by a name that nobody called. */
  'a name header without a name in the body is refused here': (request, our, their) =>
    our === '400 -32020' &&
    their === 'modern' &&
    request.headers['mcp-name'] !== undefined &&
    typeof request.params?.[nameMembers[request.method] ?? 'name'] !== 'string',
};

describe('the ladder beside that of the official SDK', () => {
  it('agrees about every request, or differs as told here', { timeout: 60_000 }, async () => {
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(corpus, async (request) => {
        const our = ours(request);
        const their = await theirs(request);
        if (our === their) return count(our);
        const reason = Object.keys(differences).find((name) => differences[name]?.(request, our, their));
        expect(reason, `ours ${our}, theirs ${their}: ${JSON.stringify(request)}`).toBeDefined();
        count(String(reason));
      }),
      { numRuns: 10_000, seed: 20_260_728 },
    );
    // Each way to agree and each difference occurs: what is told here is neither luck nor out of date.
    const agreements = ['modern', 'legacy', '400 -32602', '400 -32020', '400 -32022'];
    expect([...seen.keys()].sort()).toEqual([...agreements, ...Object.keys(differences)].sort());
    expect(seen.get('modern')).toBeGreaterThan(1_000);
  });
});
