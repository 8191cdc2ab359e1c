import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ToolyardError } from '@toolyard/protocol';
import type { Configuration } from '@toolyard/registry';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

import type { Gateway, GatewayOptions } from '../gateway.ts';
import { FakeSurroundings, ProcessExit } from '../testing/fake-surroundings.ts';
import { up, type UpOptions } from './up.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toolyard-up-'));
  await writeFile(join(folder, 'toolyard.yaml'), 'servers: {a: {command: x}}\n');
});
afterAll(() => rm(folder, { recursive: true }));

class FakeGateway implements Gateway {
  readonly endpoint = 'http://127.0.0.1:7420/mcp';
  readonly ended = Promise.withResolvers<Error | undefined>();
  readonly closed = this.ended.promise;
  readonly settled: Promise<void>;
  readonly closes: unknown[] = [];
  /** The servers of each. */
  readonly reloads: (readonly string[])[] = [];
  readonly closing = Promise.withResolvers<void>();

  constructor(settled: Promise<void> = Promise.resolve()) {
    this.settled = settled;
    this.closing.resolve();
  }

  status(): ReturnType<Gateway['status']> {
    return {
      status: 'ok',
      version: '1',
      endpoint: this.endpoint,
      servers: [{ id: 'a', state: 'healthy', tools: 1, prompts: 0, resources: 0 }],
    };
  }

  reload(configuration: Configuration): Promise<void> {
    this.reloads.push(configuration.servers.map(({ id }) => id));
    return Promise.resolve();
  }

  close(options?: { readonly drainMs?: number }): Promise<void> {
    this.closes.push(options);
    return this.closing.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function begin(more: Partial<UpOptions> = {}, gateway: FakeGateway = new FakeGateway()) {
  const surroundings = new FakeSurroundings({ TOOLYARD_DATA: join(folder, 'data'), LOG_LEVEL: 'silent' }, folder);
  const start = vi.fn<(options: GatewayOptions) => Promise<Gateway>>(() => Promise.resolve(gateway));
  const options: UpOptions = {
    config: undefined,
    host: '127.0.0.1',
    port: 7420,
    stdio: false,
    json: false,
    metrics: 'local',
    drainMs: 5,
    program: ['node', 'main.js'],
    ...more,
  };
  return { surroundings, gateway, start, done: up(options, surroundings, start) };
}

describe('toolyard up', () => {
  it('serves toolyard.yaml of the folder it is called in, and says when it is ready', async () => {
    const { surroundings, start, done } = begin();
    await vi.waitFor(() => expect(surroundings.written.at(-1)).toBe('ready http://127.0.0.1:7420/mcp'));
    expect(start.mock.calls[0]?.[0]).toMatchObject({
      folder,
      at: { host: '127.0.0.1', port: 7420 },
      configuration: { servers: [{ id: 'a' }] },
    });
    surroundings.signal('SIGINT');
    expect(await done).toBe(0);
    expect(surroundings.listeners).toBe(0);
  });

  it('prints its status as one line of JSON with --json', async () => {
    const { surroundings, done } = begin({ json: true });
    await vi.waitFor(() => expect(surroundings.written).toHaveLength(1));
    expect(JSON.parse(surroundings.written[0] ?? '')).toMatchObject({
      status: 'ok',
      endpoint: 'http://127.0.0.1:7420/mcp',
    });
    surroundings.signal('SIGTERM');
    await done;
  });

  it('writes nothing of its own to stdout while it serves there, and ends when the client is gone', async () => {
    const { surroundings, start, gateway, done } = begin({ stdio: true });
    await vi.waitFor(() => expect(start).toHaveBeenCalled());
    gateway.ended.resolve(new Error('stdin closed'));
    expect(await done).toBe(0);
    expect(start.mock.calls[0]?.[0].at).toBe('stdio');
    expect(surroundings.written).toEqual([]);
    expect(gateway.closes[0]).toEqual({ drainMs: 5 });
  });

  it('ends at once with the second signal', async () => {
    const gateway = new FakeGateway();
    const hanging = Promise.withResolvers<void>();
    Object.assign(gateway.closing, hanging);
    const { surroundings, done } = begin({}, gateway);
    await vi.waitFor(() => expect(surroundings.written).not.toEqual([]));
    surroundings.signal('SIGTERM');
    expect(() => surroundings.signal('SIGTERM')).toThrow(new ProcessExit(143));
    expect(() => surroundings.signal('SIGINT')).toThrow(new ProcessExit(130));
    hanging.resolve();
    expect(await done).toBe(0);
  });

  it('ends with 1 where the gateway does not come to its end', async () => {
    const { surroundings, gateway, done } = begin();
    Object.assign(gateway.closing, Promise.withResolvers());
    await vi.waitFor(() => expect(surroundings.written).not.toEqual([]));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    surroundings.signal('SIGTERM');
    vi.advanceTimersByTime(20_004);
    expect(() => vi.advanceTimersByTime(1)).toThrow(new ProcessExit(1));
    gateway.closing.resolve();
    expect(await done).toBe(0);
  });

  it('ends in order with 1 after an error that nobody caught', async () => {
    const { surroundings, gateway, done } = begin();
    await vi.waitFor(() => expect(surroundings.written).not.toEqual([]));
    surroundings.crash(new Error('a bug'));
    expect(await done).toBe(1);
    expect(gateway.closes[0]).toEqual({ drainMs: 5 });
  });

  it('ends when a signal comes before the servers are up', async () => {
    const { surroundings, start, done } = begin({}, new FakeGateway(new Promise(() => undefined)));
    await vi.waitFor(() => expect(start).toHaveBeenCalled());
    surroundings.signal('SIGINT');
    expect(await done).toBe(0);
    expect(surroundings.written).toEqual([]);
  });

  it('takes over what was written to the file while the servers started', async () => {
    const file = join(folder, 'changing.yaml');
    await writeFile(file, 'servers: {a: {command: x}}\n');
    const starting = Promise.withResolvers<void>();
    const { surroundings, gateway, start, done } = begin({ config: file }, new FakeGateway(starting.promise));
    await vi.waitFor(() => expect(start).toHaveBeenCalled());
    await writeFile(file, 'servers: {a: {command: x}, b: {command: y}}\n');
    expect(gateway.reloads).toEqual([]);
    starting.resolve();
    await vi.waitFor(() => expect(gateway.reloads).toEqual([['a', 'b']]));
    surroundings.signal('SIGINT');
    await done;
  });

  it('reads its file again when it is told to, once the servers are up', async () => {
    const starting = Promise.withResolvers<void>();
    const { surroundings, gateway, start, done } = begin({}, new FakeGateway(starting.promise));
    await vi.waitFor(() => expect(start).toHaveBeenCalled());
    surroundings.reload();
    expect(gateway.reloads).toEqual([]);
    starting.resolve();
    await vi.waitFor(() => expect(gateway.reloads).toEqual([['a']]));
    surroundings.reload();
    await vi.waitFor(() => expect(gateway.reloads).toEqual([['a'], ['a']]));
    surroundings.signal('SIGINT');
    expect(await done).toBe(0);
  });

  it('fails when a server must be up and is not', async () => {
    const failed = new ToolyardError('START_FAILED', { failures: [] }, '1 of 1 servers did not start.');
    const settled = Promise.reject(failed);
    settled.catch(() => undefined);
    const { done } = begin({}, new FakeGateway(settled));
    await expect(done).rejects.toMatchObject({ exitCode: 1, message: '1 of 1 servers did not start.' });
  });

  it('takes the secret of the configuration, else the one of its data folder, which only its owner may read', async () => {
    const secret = '0123456789abcdef'.repeat(4);
    await writeFile(join(folder, 'secret.yaml'), `servers: {a: {command: x}}\nsecret: "${secret}"\n`);
    const used = async (more: Partial<UpOptions>): Promise<string | undefined> => {
      const { surroundings, start, done } = begin(more);
      await vi.waitFor(() => expect(surroundings.written).not.toEqual([]));
      surroundings.signal('SIGINT');
      await done;
      return start.mock.calls[0]?.[0].secret.export().toString('hex');
    };
    expect(await used({ config: 'secret.yaml' })).toBe(secret);
    const file = join(folder, 'data', 'secret');
    expect(await used({})).toBe((await readFile(file, 'utf8')).trim());
    await chmod(file, 0o644);
    onTestFinished(() => chmod(file, 0o600));
    await expect(begin().done).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('others may read or write it (mode 0644)') as unknown,
    });
  });
});
