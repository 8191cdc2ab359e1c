import { once } from 'node:events';

import { createCall, RawObject, type Reply, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it, vi } from 'vitest';

import { FakeTransport } from '../testing/fake-transport.ts';
import { type StartedProcess, startingTransport } from './starting-transport.ts';

class FakeProcess implements StartedProcess {
  readonly pid = 4711;
  readonly exited: Promise<unknown>;
  stops = 0;
  fate: string | undefined;
  readonly #exit: (code: number) => void;
  isReady = false;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.exited = promise;
    this.#exit = resolve;
  }

  die(fate: string): void {
    this.fate = fate;
    this.#exit(1);
  }

  ready(): void {
    this.isReady = true;
  }

  obituary(): string | undefined {
    return this.fate;
  }

  exit(): string | undefined {
    return this.fate === undefined ? undefined : 'exited with code 1';
  }

  stop(): Promise<void> {
    this.stops += 1;
    return Promise.resolve();
  }
}

const target = {
  url: 'http://127.0.0.1:{port}/mcp',
  headers: { a: 'b' },
  start: { command: 'srv', args: ['--port={port}'], env: { PORT: '{port}', X: 'y' }, cwd: '/srv' },
};
const options = { upstream: 'demo', clientInfo: { name: 't', version: '1' } };

function rig(): {
  inner: FakeTransport;
  process: FakeProcess;
  started: unknown[];
  transport: ReturnType<typeof startingTransport>;
} {
  const inner = new FakeTransport(() => Promise.resolve({ result: RawObject.empty }));
  const process = new FakeProcess();
  const started: unknown[] = [];
  const transport = startingTransport(inner, {
    start: (command) => {
      started.push(command);
      return Promise.resolve(process);
    },
    freePort: () => Promise.resolve(5555),
    retryMs: 1,
  });
  return { inner, process, started, transport };
}

describe('a server that is started and then connected to', () => {
  it('gets a free port wherever its definition asks for one', async () => {
    const { inner, started, transport } = rig();
    expect(transport.accepts(target)).toBe(true);
    await using connection = await transport.connect(target, options);
    expect(started).toEqual([{ command: 'srv', args: ['--port=5555'], env: { PORT: '5555', X: 'y' }, cwd: '/srv' }]);
    expect(inner.targets).toEqual([{ url: 'http://127.0.0.1:5555/mcp', headers: { a: 'b' } }]);
    expect(connection.peer).toMatchObject({ wire: 'fake', pid: 4711 });
  });

  it('is asked for signs of life, keeps state, and is waited for as its connection says', async () => {
    const { inner, transport } = rig();
    const connect = inner.connect.bind(inner);
    const heard: string[] = [];
    const traits = {
      stateful: true,
      check: async (signal: AbortSignal) => void heard.push(`check ${signal.aborted}`),
      drained: async () => void heard.push('drained'),
    };
    inner.connect = async (...given) => Object.assign(await connect(...given), traits);
    await using connection = await transport.connect(target, options);
    expect(connection.stateful).toBe(true);
    await connection.check?.(AbortSignal.abort());
    await connection.drained?.();
    expect(heard).toEqual(['check true', 'drained']);
  });

  it('is tried until it listens', async () => {
    const { inner, process, transport } = rig();
    inner.refusals = 3;
    await using connection = await transport.connect(target, options);
    expect(process.isReady).toBe(true);
    expect(inner.targets).toHaveLength(4);
    expect(connection.peer.wire).toBe('fake');
  });

  it('is not waited for longer than it may take to connect, also before it has its turn to start', async () => {
    const asked: AbortSignal[] = [];
    const transport = startingTransport(new FakeTransport(() => Promise.resolve({ result: RawObject.empty })), {
      start: async (_, { signal }) => {
        asked.push(signal);
        await once(signal, 'abort');
        throw signal.reason;
      },
      freePort: () => Promise.resolve(5555),
    });
    await expect(transport.connect(target, { ...options, connectTimeoutMs: 20 })).rejects.toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      facts: { upstream: 'demo', method: 'connect', afterMs: 20 },
    });
    const cancel = new AbortController();
    const connecting = transport.connect(target, { ...options, signal: cancel.signal });
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    cancel.abort(new Error('enough'));
    await expect(connecting).rejects.toThrow('enough');
  });

  it('is not waited for once it has died, and its last words are told', async () => {
    const { inner, process, transport } = rig();
    inner.refusals = 1_000_000;
    const connecting = transport.connect(target, options);
    process.die('srv exited with code 1; its last words: no config');
    await expect(connecting).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      message: 'server "demo": srv exited with code 1; its last words: no config',
    });
    expect(process.stops).toBe(1);
  });

  it('is stopped when it does not listen in time', async () => {
    const { inner, process, transport } = rig();
    inner.refusals = 1_000_000;
    await expect(transport.connect(target, { ...options, connectTimeoutMs: 30 })).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
    });
    expect(process.stops).toBe(1);
  });

  it('ends with its connection, once', async () => {
    const { inner, process, transport } = rig();
    const connection = await transport.connect(target, options);
    await Promise.all([connection.close(), connection.close()]);
    expect(inner.connections[0]?.closes).toBe(1);
    expect(process.stops).toBe(1);
    expect(await connection.closed).toBeUndefined();
  });

  it('ends its connection when it dies', async () => {
    const { inner, process, transport } = rig();
    const connection = await transport.connect(target, options);
    process.die('srv was ended by SIGKILL');
    expect(await connection.closed).toMatchObject({
      code: 'UPSTREAM_CLOSED',
      message: 'server "demo": srv was ended by SIGKILL',
    });
    expect(inner.connections[0]?.closes).toBe(1);
  });

  it('takes the calls it had with it: they end with a code that says it may have acted on them, and without its last words', async () => {
    const calls: PromiseWithResolvers<Reply>[] = [];
    const inner = new FakeTransport(() => {
      const call = Promise.withResolvers<Reply>();
      calls.push(call);
      return call.promise;
    });
    const process = new FakeProcess();
    const transport = startingTransport(inner, {
      start: () => Promise.resolve(process),
      freePort: () => Promise.resolve(5555),
    });
    const connection = await transport.connect(target, options);
    const given = connection.service(createCall('tools/call', {}));
    process.die('srv exited with code 1; its last words: secret');
    await connection.closed;
    calls[0]?.reject(new ToolyardError('CLOSED', { what: 'demo' }, 'The connection to demo is closed.'));
    await expect(given).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED', message: 'demo went away.' });
  });

  it('leaves the code of calls alone that end because we close', async () => {
    const closed = new ToolyardError('CLOSED', { what: 'demo' }, 'The connection to demo is closed.');
    const inner = new FakeTransport(() => Promise.reject(closed));
    const transport = startingTransport(inner, {
      start: () => Promise.resolve(new FakeProcess()),
      freePort: () => Promise.resolve(5555),
    });
    await using connection = await transport.connect(target, options);
    await expect(connection.service(createCall('tools/call', {}))).rejects.toBe(closed);
  });

  it('is stopped when the connection breaks', async () => {
    const { inner, process, transport } = rig();
    const connection = await transport.connect(target, options);
    inner.connections[0]?.end(new ToolyardError('UPSTREAM_CLOSED', { upstream: 'demo' }, 'cut'));
    expect(await connection.closed).toMatchObject({ message: 'cut' });
    expect(process.stops).toBe(1);
  });

  it('may be one that listens on a port of its own', async () => {
    const { inner, transport } = rig();
    await using _ = await transport.connect({ url: 'http://127.0.0.1:9/mcp', start: { command: 'srv' } }, options);
    expect(inner.targets).toEqual([{ url: 'http://127.0.0.1:9/mcp' }]);
  });
});

describe('any other server', () => {
  it('is connected to as before', async () => {
    const { inner, started, transport } = rig();
    await using _ = await transport.connect({ url: 'http://h/mcp' }, options);
    expect(inner.targets).toEqual([{ url: 'http://h/mcp' }]);
    expect(started).toEqual([]);
    expect(transport.accepts({ command: 'x' })).toBe(false);
  });
});
