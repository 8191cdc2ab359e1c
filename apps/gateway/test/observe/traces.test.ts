import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { tellingServer } from '../testing/configurations.ts';
import {
  type RunningGateway,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  waitFor,
} from '../testing/gateway.ts';
import { ask } from '../testing/raw-client.ts';
import { legacySession } from '../testing/raw-session.ts';

const register = fileURLToPath(new URL('../fixtures/register-spans.ts', import.meta.url));
const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
const baggage = 'tenant=blue,user=alice';

interface Span {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code: number; readonly message?: string };
}

type Meta = Readonly<Record<string, unknown>>;

/** What the server was told by a call of a client of 2026-07-28, and of one of 2025-11-25. */
async function metaOf(endpoint: string, headers: Record<string, string>, _meta: object = {}): Promise<Meta> {
  const { message } = await ask(endpoint, 'tools/call', { name: 'a__meta', arguments: {}, _meta }, { headers });
  return JSON.parse(message.result?.content?.[0]?.text ?? '') as Meta;
}

async function metaInSession(endpoint: string, headers: Record<string, string>): Promise<Meta> {
  const session = await legacySession(endpoint, { headers });
  const reply = await session.request('tools/call', 7, { name: 'a__meta', arguments: {} });
  const { content } = reply['result'] as { readonly content: readonly { readonly text: string }[] };
  return JSON.parse(content[0]?.text ?? '') as Meta;
}

const open = new AsyncDisposableStack();
let folder: TemporaryFolder;
beforeAll(async () => {
  folder = open.use(await temporaryFolder());
});
afterAll(() => open.disposeAsync());

describe('where spans are wanted', () => {
  let gateway: RunningGateway;
  let file: string;
  beforeAll(async () => {
    file = join(folder.path, 'spans');
    const environment = { NODE_OPTIONS: `--import=${register}`, SPANS: file };
    const configuration = await folder.write('spans.yaml', `servers:\n${tellingServer('a')}`);
    gateway = open.use(await startGateway(configuration, folder.path, [], environment));
  });

  const spansOf = (trace: string): Promise<readonly Span[]> =>
    waitFor('the spans', async () => {
      const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
      const spans = lines.map((line) => JSON.parse(line) as Span).filter((span) => span.traceId === trace);
      return spans.length >= 2 ? spans : undefined;
    });

  it('a trace in the headers goes on through the gateway to the server', async () => {
    const meta = await metaOf(gateway.endpoint, { traceparent, tracestate: 'a=b' });
    const [client, server] = await spansOf(traceId);
    expect(server).toMatchObject({ name: 'tools/call a__meta', kind: 1, parentId: 'b7ad6b7169203331' });
    expect(client).toMatchObject({
      name: 'tools/call meta',
      kind: 2,
      parentId: server?.spanId,
      attributes: { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'meta', 'toolyard.server': 'a' },
    });
    expect(meta).toMatchObject({ traceparent: `00-${traceId}-${client?.spanId}-01`, tracestate: 'a=b' });
  });

  it('and so does one in _meta, which counts before the headers, and one of an older client', async () => {
    const inMeta = '1'.repeat(32);
    const told = await metaOf(gateway.endpoint, { traceparent }, { traceparent: `00-${inMeta}-${'2'.repeat(16)}-01` });
    expect(told['traceparent']).toMatch(new RegExp(`^00-${inMeta}-(?!2{16})`));
    expect((await spansOf(inMeta))[1]).toMatchObject({ parentId: '2'.repeat(16) });
    const older = '3'.repeat(32);
    const meta = await metaInSession(gateway.endpoint, { traceparent: `00-${older}-${'4'.repeat(16)}-01` });
    expect(meta['traceparent']).toMatch(new RegExp(`^00-${older}-(?!4{16})`));
  });

  it('a call that fails says with which code', async () => {
    const failed = '5'.repeat(32);
    await ask(
      gateway.endpoint,
      'tools/call',
      { name: 'a__fail' },
      { headers: { traceparent: `00-${failed}-${'6'.repeat(16)}-01` } },
    );
    for (const span of await spansOf(failed))
      expect(span).toMatchObject({ status: { code: 2, message: 'UPSTREAM_ERROR' } });
  });
});

describe('where nobody wants spans', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    const configuration = `servers:\n${tellingServer('a')}orchestration: { forwardBaggage: [tenant] }\n`;
    gateway = open.use(await startGateway(await folder.write('plain.yaml', configuration), folder.path));
  });

  it('a trace in the headers reaches the server all the same, as it is, unless it is none', async () => {
    const trace = { traceparent, tracestate: 'a=b' };
    expect(await metaOf(gateway.endpoint, trace)).toEqual(trace);
    expect(await metaInSession(gateway.endpoint, trace)).toEqual(trace);
    expect(await metaOf(gateway.endpoint, trace, { traceparent: 'mine' })).toEqual({ traceparent: 'mine' });
    expect(await metaOf(gateway.endpoint, { traceparent: 'nonsense' }, { other: 1 })).toEqual({ other: 1 });
  });

  it('a server is told of baggage only what the configuration names', async () => {
    expect(await metaOf(gateway.endpoint, { baggage }, { baggage })).toEqual({ baggage: 'tenant=blue' });
    expect(await metaOf(gateway.endpoint, { baggage }, { baggage: 'user=alice', other: 1 })).toEqual({ other: 1 });
  });
});
