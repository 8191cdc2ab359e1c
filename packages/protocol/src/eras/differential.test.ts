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
const base64 = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;
const ascii = /^[\x20-\x7e]*$/;

const meta = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record(
      {
        [version]: fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom(...versions) },
          fc.constantFrom(null, 20260728, {}),
        ),
        [capabilities]: fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom({}, { sampling: {} }) },
          fc.constantFrom(null, [], 'all', { sampling: true }),
        ),
        [clientInfo]: fc.oneof(
          { weight: 4, arbitrary: fc.constant({ name: 'c', version: '1' }) },
          fc.constantFrom({}, 'c', { name: 1 }),
        ),
        [logLevel]: fc.constantFrom('info', 'loud', 3),
        progressToken: fc.constantFrom('p', 7, 1.5, {}),
        'com.example/more': fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
  },
  fc.constantFrom(null, 5, [], 'meta'),
);

const posted: fc.Arbitrary<Posted> = fc
  .record({
    method: fc.constantFrom(
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
    ),
    params: fc.option(
      fc.record(
        {
          _meta: meta,
          name: fc.constantFrom(...names, 7),
          uri: fc.constantFrom(...names),
          taskId: fc.constantFrom(...names),
          protocolVersion: fc.constantFrom(...versions),
        },
        { requiredKeys: [] },
      ),
      { nil: undefined, freq: 12 },
    ),
    versionHeader: fc.option(fc.constantFrom(...versions, ' 2026-07-28\t'), { nil: undefined }),
    methodHeader: fc.constantFrom('same', 'same', 'same', 'padded', 'upper', 'other', 'base64', undefined),
    nameHeader: fc.constantFrom('same', 'same', 'encoded', 'padded', 'other', 'broken', undefined),
  })
  .map(({ method, params, versionHeader, methodHeader, nameHeader }) => {
    const member = method === 'resources/read' ? 'uri' : method === 'tasks/get' ? 'taskId' : 'name';
    const named = (params as Record<string, unknown> | undefined)?.[member];
    const name = typeof named === 'string' ? named : 'add';
    const methods = {
      same: method,
      padded: ` ${method}\t`,
      upper: method.toUpperCase(),
      other: 'tools/other',
      base64: base64(method),
    };
    const plain = ascii.test(name) ? name : base64(name);
    const namesGiven = {
      same: plain,
      encoded: base64(name),
      padded: `  ${plain} `,
      other: 'another',
      broken: '=?base64?%?=',
    };
    return {
      method,
      params,
      headers: {
        ...(versionHeader === undefined ? {} : { 'mcp-protocol-version': versionHeader }),
        ...(methodHeader === undefined ? {} : { 'mcp-method': methods[methodHeader] }),
        ...(nameHeader === undefined ? {} : { 'mcp-name': namesGiven[nameHeader] }),
      },
    };
  });

describe('explore', () => {
  it('prints classes', async () => {
    const classes = new Map<string, { n: number; sample: Posted[] }>();
    await fc.assert(
      fc.asyncProperty(posted, async (request) => {
        const [a, b] = [ours(request), await theirs(request)];
        const key = `ours ${a} | theirs ${b}`;
        const one = classes.get(key) ?? { n: 0, sample: [] };
        one.n++;
        if (a !== b && one.sample.length < 400) one.sample.push(request);
        classes.set(key, one);
      }),
      { numRuns: 8000, seed: 1 },
    );
    for (const [key, { n, sample }] of classes) {
      console.log(key, n);
      for (const s of sample.sort((x, y) => JSON.stringify(x).length - JSON.stringify(y).length).slice(0, 5))
        console.log('   ', JSON.stringify(s));
    }
    expect(1).toBe(1);
  }, 120_000);
});
