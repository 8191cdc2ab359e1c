import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPipePair } from '../../memory/pipe-pair.ts';
import type { Pipe } from '../../pipe.ts';
import { discoverResult, initializeResult, type PipeSource, pipeSource, unknownMethod } from '../../testing/pipes.ts';
import { wireEnd } from '../../testing/wire-end.ts';
import { connectPipe } from './connect-pipe.ts';
import type { PipeConnectOptions } from './pipe-options.ts';

const options: PipeConnectOptions = {
  upstream: 'files',
  clientInfo: { name: 'toolyard', version: '1.0.0' },
  wire: 'memory',
};

const discover =
  '{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",' +
  '"io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"toolyard","version":"1.0.0"}}}}';

function initialize(id: number): string {
  return (
    `{"jsonrpc":"2.0","id":${id},"method":"initialize","params":{"protocolVersion":"2025-11-25",` +
    '"capabilities":{"elicitation":{"form":{},"url":{}},"sampling":{"tools":{}},"roots":{"listChanged":false}},"clientInfo":{"name":"toolyard","version":"1.0.0"}}}'
  );
}

const initialized = '{"jsonrpc":"2.0","method":"notifications/initialized","params":{}}';

async function legacyAnswer(source: PipeSource, n: number, rest = initializeResult()): Promise<string> {
  return (await source.end(n)).answer(rest);
}

afterEach(() => {
  vi.useRealTimers();
});

describe('connectPipe finds out the era', () => {
  it('by a discovery: 2026-07-28, and nothing else is said', async () => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    const end = await source.end();
    expect(await end.answer(discoverResult)).toBe(discover);
    await using connection = await connecting;
    expect(connection.peer).toEqual({ revision: '2026-07-28', wire: 'memory' });
    expect(end.seen).toEqual([discover]);
  });

  it.each([
    ['HeaderMismatch', '"error":{"code":-32020,"message":"no"}'],
    ['MissingRequiredClientCapability', '"error":{"code":-32021,"message":"no","data":{"requiredCapabilities":{}}}'],
    [
      'UnsupportedProtocolVersion that has ours',
      '"error":{"code":-32022,"message":"no","data":{"supported":["2026-07-28"],"requested":"2026-07-28"}}',
    ],
  ])('by an error that only 2026-07-28 has: %s', async (_, answer) => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    await (await source.end()).answer(answer);
    await using connection = await connecting;
    expect(connection.peer.revision).toBe('2026-07-28');
  });

  it.each([
    ['unknown method', unknownMethod],
    ['invalid params', '"error":{"code":-32602,"message":"Invalid request parameters"}'],
    ['an error of its own', '"error":{"code":-32000,"message":"Server not initialized"}'],
    ['a result that is no discovery', '"result":{}'],
    ['a discovery of older revisions only', '"result":{"supportedVersions":["2025-06-18"]}'],
    [
      'a refusal that names older revisions only',
      '"error":{"code":-32022,"message":"no","data":{"supported":["2025-11-25"]}}',
    ],
  ])('by any other answer: %s means initialize on the same pipe', async (_, answer) => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    const end = await source.end();
    await end.answer(answer);
    expect(await end.answer(initializeResult())).toBe(initialize(2));
    await using connection = await connecting;
    expect(connection.peer.revision).toBe('2025-11-25');
    expect(await end.next()).toBe(initialized);
    expect(source.ends).toHaveLength(1);
  });

  it('by the end of the pipe: initialize is the first message on another', async () => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    const first = await source.end();
    await first.next();
    await first.close();
    expect(await legacyAnswer(source, 1)).toBe(initialize(1));
    await using connection = await connecting;
    expect(connection.peer.revision).toBe('2025-11-25');
  });

  it.each(['2025-06-18', '2025-03-26', '2024-11-05'])('takes the older revision %s', async (revision) => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    const end = await source.end();
    await end.answer(unknownMethod);
    await end.answer(initializeResult('{}', revision));
    await using connection = await connecting;
    expect(connection.peer.revision).toBe(revision);
  });

  it('tells the process id', async () => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, { ...options, pid: () => 4711 });
    await (await source.end()).answer(discoverResult);
    await using connection = await connecting;
    expect(connection.peer.pid).toBe(4711);
  });
});

describe('connectPipe leaves nothing behind when it fails', () => {
  it.each([
    ['speaks an unknown revision only', '"result":{"supportedVersions":["2031-01-01"]}', 'it speaks only 2031-01-01'],
    [
      'refuses ours and names an unknown one',
      '"error":{"code":-32022,"message":"no","data":{"supported":["2031-01-01"]}}',
      'it speaks only 2031-01-01',
    ],
  ])('where the server %s', async (_, answer, reason) => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    const end = await source.end();
    await end.answer(answer);
    await expect(connecting).rejects.toMatchObject({
      code: 'UPSTREAM_MALFORMED',
      facts: { upstream: 'files', reason },
    });
    await vi.waitFor(() => expect(end.closed).toBe(true));
  });

  it('where the server answers initialize with a revision that nobody knows', async () => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    const end = await source.end();
    await end.answer(unknownMethod);
    await end.answer(initializeResult('{}', '1999-01-01'));
    await expect(connecting).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED' });
    await vi.waitFor(() => expect(end.closed).toBe(true));
  });

  it('where the server refuses initialize too', async () => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    const end = await source.end();
    await end.answer(unknownMethod);
    await end.answer('"error":{"code":-32000,"message":"not today"}');
    await expect(connecting).rejects.toMatchObject({
      code: 'UPSTREAM_MALFORMED',
      facts: { reason: 'it refused to be connected to: not today' },
    });
    await vi.waitFor(() => expect(end.closed).toBe(true));
  });

  it('where the pipe ends both times', async () => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    for (const n of [0, 1]) {
      const end = await source.end(n);
      await end.next();
      await end.close();
    }
    await expect(connecting).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE', facts: { upstream: 'files' } });
  });

  it('where the time for connecting is over', async () => {
    vi.useFakeTimers();
    const source = pipeSource();
    const connecting = connectPipe(source.open, { ...options, connectTimeoutMs: 3_000 });
    const failed = connecting.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await failed).toMatchObject({ code: 'UPSTREAM_TIMEOUT', facts: { method: 'initialize' } });
    await vi.waitFor(() => expect(source.ends.map(({ closed }) => closed)).toEqual([true]));
    expect(source.ends[0]?.seen).toEqual([discover, initialize(2)]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('and says why before it closes what it opened', async () => {
    const source = pipeSource();
    const told: unknown[] = [];
    const onFailing = (error: Error): void => void told.push(error, source.ends[0]?.closed);
    const connecting = connectPipe(source.open, { ...options, onFailing });
    const end = await source.end();
    await end.answer(unknownMethod);
    await end.answer('"error":{"code":-32000,"message":"not today"}');
    const error: unknown = await connecting.catch((failure: unknown) => failure);
    expect(told).toEqual([error, false]);
  });

  it('where the caller has had enough', async () => {
    const source = pipeSource();
    const abort = new AbortController();
    const connecting = connectPipe(source.open, { ...options, signal: abort.signal });
    const end = await source.end();
    await end.next();
    abort.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' });
    await vi.waitFor(() => expect(end.closed).toBe(true));
  });

  it('and a pipe that comes too late is closed', async () => {
    const late = Promise.withResolvers<Pipe>();
    const abort = new AbortController();
    const connecting = connectPipe(() => late.promise, { ...options, signal: abort.signal });
    abort.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' });
    const [near, far] = createPipePair();
    const end = wireEnd(far);
    late.resolve(near);
    await vi.waitFor(() => expect(end.closed).toBe(true));
    expect(end.seen).toEqual([]);
  });

  it('and an aborted signal opens nothing', async () => {
    const open = vi.fn<() => Promise<Pipe>>();
    await expect(connectPipe(open, { ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(open).not.toHaveBeenCalled();
  });

  it('and what open throws passes through', async () => {
    const reason = new Error('no such program');
    await expect(connectPipe(() => Promise.reject(reason), options)).rejects.toBe(reason);
  });
});
