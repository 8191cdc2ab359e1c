import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Connection } from '../../transport.ts';
import { discoverResult, initializeResult, type PipeSource, pipeSource, unknownMethod } from '../../testing/pipes.ts';
import type { WireEnd } from '../../testing/wire-end.ts';
import { EraMemory } from '../era-memory.ts';
import { connectPipe } from './connect-pipe.ts';
import type { PipeConnectOptions } from './pipe-options.ts';

const options: PipeConnectOptions = {
  upstream: 'files',
  clientInfo: { name: 'toolyard', version: '1.0.0' },
  wire: 'memory',
  probeTimeoutMs: 10,
};
const refusal = '"error":{"code":-32022,"message":"no","data":{"supported":["2026-07-28"],"requested":"2025-11-25"}}';

function said({ seen }: WireEnd): string[] {
  return seen.map((message) => /"method":"([^"]*)"/.exec(message)?.[1] ?? message);
}

function remembering(now?: () => number): { eras: EraMemory; options: PipeConnectOptions } {
  const eras = new EraMemory(now === undefined ? {} : { now });
  return { eras, options: { ...options, remember: { eras, endpoint: 'the files' } } };
}

/** The far end of the first pipe, once it has both messages. */
async function withBoth(source: PipeSource): Promise<WireEnd> {
  const end = await source.end();
  await vi.advanceTimersByTimeAsync(10);
  expect(said(end)).toEqual(['server/discover', 'initialize']);
  return end;
}

async function revisionOf(connecting: Promise<Connection>): Promise<string> {
  await using connection = await connecting;
  return connection.peer.revision;
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a server that leaves server/discover unanswered', () => {
  it('gets initialize on the same pipe after 5 seconds, and all the time that is left', async () => {
    const source = pipeSource();
    const { probeTimeoutMs: _, ...defaults } = options;
    const connecting = connectPipe(source.open, defaults);
    const end = await source.end();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(said(end)).toEqual(['server/discover']);
    await vi.advanceTimersByTimeAsync(1);
    expect(said(end)).toEqual(['server/discover', 'initialize']);
    await vi.advanceTimersByTimeAsync(24_900);
    await end.answer(unknownMethod);
    await end.answer(initializeResult());
    expect(await revisionOf(connecting)).toBe('2025-11-25');
    expect(source.ends).toHaveLength(1);
  });

  it('may answer initialize alone, and what it says to the discovery later harms nobody', async () => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, { ...options, maxInFlight: 1 });
    const end = await withBoth(source);
    end.send(`{"jsonrpc":"2.0","id":2,${initializeResult()}}`);
    await using connection = await connecting;
    expect(said(end)).toEqual(['server/discover', 'initialize', 'notifications/initialized']);
    end.send(`{"jsonrpc":"2.0","id":1,${discoverResult}}`);
    const checking = connection.check?.(new AbortController().signal);
    await vi.advanceTimersByTimeAsync(0);
    expect(said(end).at(-1)).toBe('ping');
    end.send('{"jsonrpc":"2.0","id":3,"result":{}}');
    await checking;
    expect(connection.peer.revision).toBe('2025-11-25');
  });

  it('is of 2026-07-28 where it answers it late and refuses initialize', async () => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    const end = await withBoth(source);
    await end.answer(discoverResult);
    await end.answer(refusal);
    expect(await revisionOf(connecting)).toBe('2026-07-28');
    expect(source.ends).toHaveLength(1);
  });

  it('is of 2026-07-28 where it answers it late and says nothing to initialize', async () => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    await (await withBoth(source)).answer(discoverResult);
    await vi.advanceTimersByTimeAsync(10);
    expect(await revisionOf(connecting)).toBe('2026-07-28');
  });

  it('is asked once more where it refuses initialize', async () => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    const end = await withBoth(source);
    end.send(`{"jsonrpc":"2.0","id":2,${refusal}}`);
    await vi.advanceTimersByTimeAsync(0);
    expect(said(end)).toEqual(['server/discover', 'initialize', 'server/discover']);
    end.send(`{"jsonrpc":"2.0","id":3,${discoverResult}}`);
    expect(await revisionOf(connecting)).toBe('2026-07-28');
  });

  it('keeps to the handshake where it speaks both eras, and is found modern the next time', async () => {
    const known = remembering();
    const source = pipeSource();
    const connecting = connectPipe(source.open, known.options);
    const end = await withBoth(source);
    await end.answer(discoverResult);
    await end.answer(initializeResult());
    expect(await revisionOf(connecting)).toBe('2025-11-25');
    const again = connectPipe(source.open, known.options);
    await (await source.end(1)).answer(discoverResult);
    expect(await revisionOf(again)).toBe('2026-07-28');
  });

  it('and ends later gets initialize as the first message on another pipe', async () => {
    const source = pipeSource();
    const connecting = connectPipe(source.open, options);
    await (await withBoth(source)).close();
    const second = await source.end(1);
    await second.answer(initializeResult());
    expect(await revisionOf(connecting)).toBe('2025-11-25');
    expect(said(second)).toEqual(['initialize', 'notifications/initialized']);
  });

  it('and both unanswered fails the attempt in words of what was waited for', async () => {
    const failed = connectPipe(pipeSource().open, { ...options, connectTimeoutMs: 1_000 }).catch(
      (error: unknown) => error,
    );
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await failed).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      facts: { method: 'initialize', afterMs: 990 },
      message: 'files did not answer initialize within 990 ms.',
    });
  });
});

describe('what is remembered of a server that was silent, or ended', () => {
  /** One attempt at a server that says nothing at all. */
  async function failOnce(given: PipeConnectOptions): Promise<readonly string[]> {
    const source = pipeSource();
    const failed = connectPipe(source.open, { ...given, connectTimeoutMs: 30 }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(30);
    expect(await failed).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    return source.ends.flatMap(said);
  }

  it('has initialize be the first message of the next attempt, and the discovery that of the one after it where that fails', async () => {
    const known = remembering();
    expect(await failOnce(known.options)).toEqual(['server/discover', 'initialize']);
    expect(await failOnce(known.options)).toEqual(['initialize']);
    expect(await failOnce(known.options)).toEqual(['server/discover', 'initialize']);
  });

  it('is no more than its name: another server is asked as ever', async () => {
    const { eras, options: given } = remembering();
    await failOnce(given);
    expect(await failOnce({ ...given, remember: { eras, endpoint: 'another' } })).toContain('server/discover');
  });

  it.each([
    ['ignored the discovery', (end: WireEnd) => end.send(`{"jsonrpc":"2.0","id":2,${initializeResult()}}`)],
    ['ended at it', (end: WireEnd) => void end.close()],
  ])('holds after it %s and was connected to, until the horizon', async (_, act) => {
    let now = 0;
    const known = remembering(() => now);
    const source = pipeSource();
    const connecting = connectPipe(source.open, known.options);
    act(await withBoth(source));
    void source.end(1).then((end) => end.answer(initializeResult()));
    expect(await revisionOf(connecting)).toBe('2025-11-25');

    const opened = source.ends.length;
    const again = connectPipe(source.open, known.options);
    const next = await source.end(opened);
    await next.answer(initializeResult());
    expect(await revisionOf(again)).toBe('2025-11-25');
    expect(said(next)).toEqual(['initialize', 'notifications/initialized']);

    now = 600_000;
    const later = connectPipe(source.open, known.options);
    await (await source.end(opened + 1)).answer(discoverResult);
    expect(await revisionOf(later)).toBe('2026-07-28');
  });

  it('is dropped where the server refuses initialize, and it is found modern on the same pipe', async () => {
    const known = remembering();
    await failOnce(known.options);
    const source = pipeSource();
    const connecting = connectPipe(source.open, known.options);
    const end = await source.end();
    await end.answer(refusal);
    await end.answer(discoverResult);
    expect(await revisionOf(connecting)).toBe('2026-07-28');
    expect(said(end)).toEqual(['initialize', 'server/discover']);
    expect(known.eras.size).toBe(0);
  });

  it('is nothing where the caller gave up, and stays where the caller gives up the next attempt', async () => {
    const known = remembering();
    const cancelOnce = async (): Promise<void> => {
      const source = pipeSource();
      const abort = new AbortController();
      const connecting = connectPipe(source.open, { ...known.options, signal: abort.signal });
      const failed = connecting.catch((error: unknown) => error);
      const end = await source.end();
      await vi.advanceTimersByTimeAsync(10);
      expect(said(end)).toContain('initialize');
      abort.abort();
      expect(await failed).toMatchObject({ code: 'CANCELLED' });
    };
    await cancelOnce();
    expect(known.eras.size).toBe(0);
    await failOnce(known.options);
    await cancelOnce();
    expect(known.eras.size).toBe(1);
  });
});
