import { type Call, createCall, RawObject, type Reply, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it, vi } from 'vitest';
import { memoryStore } from '../memory/memory-store.ts';
import { listCall, numbered, reply, type Script, toolIn, upstream } from '../testing/upstream.ts';
import { cached } from './cached.ts';
import type { CachedOptions } from './options.ts';

function rig(options: Partial<CachedOptions> = {}) {
  const gates: PromiseWithResolvers<Reply>[] = [];
  const held: Script = () => {
    const gate = Promise.withResolvers<Reply>();
    gates.push(gate);
    return gate.promise;
  };
  const server = upstream(held);
  const store = memoryStore();
  return { server, store, gates, service: cached({ server: 'files', store, ...options })(server.service) };
}

const list = (name: string): Reply => reply({ tools: [{ name }], ttlMs: 60_000, cacheScope: 'private' });
const down = new ToolyardError('UPSTREAM_CLOSED', { upstream: 'files' }, 'files is gone.');
const codeOf = (error: unknown): unknown => (ToolyardError.is(error) ? error.code : error);

describe('calls that ask for the same at the same time', () => {
  it('make one request, whose answer all get', async () => {
    const { server, gates, service } = rig();
    const answers = Array.from({ length: 100 }, () => service(listCall()));
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    gates[0]?.resolve(list('one'));
    expect((await Promise.all(answers)).map(toolIn)).toEqual(Array.from({ length: 100 }, () => 'one'));
    expect(server.calls).toHaveLength(1);
  });

  it('make one each where they come from different principals or tenants', async () => {
    const { server, gates, service } = rig();
    const calls = [
      listCall('ann'),
      listCall('bob'),
      listCall('ann', { caller: { principal: 'ann', tenant: 'other' } }),
    ];
    const answers = calls.map((call) => service(call));
    await vi.waitFor(() => expect(server.calls).toHaveLength(3));
    for (const [n, gate] of gates.entries()) gate.resolve(list(server.calls[n]?.caller.principal ?? ''));
    expect((await Promise.all(answers)).map(toolIn)).toEqual(['ann', 'bob', 'ann']);
  });

  it('all fail with the error of the one request', async () => {
    const { server, gates, service } = rig();
    const answers = Array.from({ length: 5 }, () => service(listCall()).catch(codeOf));
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    gates[0]?.reject(down);
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 5 }, () => 'UPSTREAM_CLOSED'));
    expect(server.calls).toHaveLength(1);
  });

  it('leave at their deadlines, each at its own, and the request ends with the last of them', async () => {
    const { server, gates, service } = rig();
    const patient = service(listCall()).then(toolIn, codeOf);
    const soon = service(listCall('ann', { deadlineMs: performance.now() + 20 })).then(toolIn, codeOf);
    expect(await soon).toBe('UPSTREAM_TIMEOUT');
    expect(server.calls.map(({ signal }) => signal.aborted)).toEqual([false]);
    gates[0]?.resolve(list('one'));
    expect(await patient).toBe('one');

    const alone = service(listCall('bob', { deadlineMs: performance.now() + 20 })).then(toolIn, codeOf);
    expect(await alone).toBe('UPSTREAM_TIMEOUT');
    expect(server.calls[1]?.signal.aborted).toBe(true);
  });

  it('leave one by one, also the first, and the request ends with the last of them', async () => {
    const { server, gates, service } = rig();
    const controls = [0, 1, 2].map(() => new AbortController());
    const [first, second, third] = controls.map(({ signal }) =>
      service(listCall('ann', { signal })).then(toolIn, codeOf),
    );
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    const upstreamSignal = server.calls[0]?.signal;
    controls[0]?.abort();
    expect(await first).toBe('CANCELLED');
    controls[1]?.abort(
      new ToolyardError('UPSTREAM_TIMEOUT', { upstream: 'files', method: 'tools/list', afterMs: 1 }, 'late'),
    );
    expect(await second).toBe('UPSTREAM_TIMEOUT');
    expect(upstreamSignal?.aborted).toBe(false);
    controls[2]?.abort();
    expect(await third).toBe('CANCELLED');
    expect(upstreamSignal?.aborted).toBe(true);
    // Who comes now makes a request of its own, although the old one has not ended yet.
    const late = service(listCall());
    await vi.waitFor(() => expect(server.calls).toHaveLength(2));
    gates[1]?.resolve(list('two'));
    expect(toolIn(await late)).toBe('two');
  });

  it('who left does not take the answer from those who stay', async () => {
    const { server, gates, service } = rig();
    const control = new AbortController();
    const left = service(listCall('ann', { signal: control.signal })).catch(codeOf);
    const stayed = service(listCall());
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    control.abort();
    expect(await left).toBe('CANCELLED');
    gates[0]?.resolve(list('one'));
    expect(toolIn(await stayed)).toBe('one');
  });

  it('a call that was cancelled before makes no request that nobody would end', async () => {
    const { server, service } = rig();
    server.answer((call) => Promise.reject(call.signal.aborted ? down : new Error('not aborted')));
    await expect(service(listCall('ann', { signal: AbortSignal.abort() }))).rejects.toBe(down);
  });

  it.each([
    ['is a question', { resultType: 'input_required', requestState: 's' }],
    ['holds for no time', { resultType: 'complete', contents: [], ttlMs: 0, cacheScope: 'public' }],
  ])(
    'do not share an answer that %s: one has it, the others ask themselves, and then nobody waits for a while',
    async (_, members) => {
      const { server, gates, service } = rig();
      const read = (): Call => createCall('resources/read', { params: { uri: 'file:///a' } });
      const answer = (n: number): Reply => ({ result: RawObject.of({ ...members, n }) });
      const answers = [service(read()), service(read()), service(read())];
      await vi.waitFor(() => expect(server.calls).toHaveLength(1));
      gates[0]?.resolve(answer(1));
      await vi.waitFor(() => expect(server.calls).toHaveLength(3));
      gates[1]?.resolve(answer(2));
      gates[2]?.resolve(answer(3));
      expect((await Promise.all(answers)).map(({ result }) => result.member('n')?.value)).toEqual([1, 2, 3]);
      const further = [service(read()), service(read())];
      await vi.waitFor(() => expect(server.calls).toHaveLength(5));
      gates[3]?.resolve(answer(4));
      gates[4]?.resolve(answer(5));
      await Promise.all(further);
    },
  );

  it('get progress under their own tokens, and log messages go to one', async () => {
    const { server, gates, service } = rig();
    const told: string[] = [];
    const waiting = ['a', 'b', undefined].map((progressToken) =>
      service(
        listCall('ann', {
          ...(progressToken !== undefined && { progressToken }),
          logLevel: 'info',
          notify: ({ method, params }) => void told.push(`${method} ${params.text}`),
        }),
      ),
    );
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    const call = server.calls[0];
    await vi.waitFor(async () => {
      told.length = 0;
      await call?.notify({
        method: 'notifications/progress',
        params: RawObject.of({ progressToken: 'a', progress: 1 }),
      });
      expect(told).toHaveLength(2);
    });
    await call?.notify({ method: 'notifications/message', params: RawObject.of({ level: 'info', data: 1 }) });
    expect(told).toEqual([
      'notifications/progress {"progressToken":"a","progress":1}',
      'notifications/progress {"progressToken":"b","progress":1}',
      'notifications/message {"level":"info","data":1}',
    ]);
    gates[0]?.resolve(list('one'));
    await Promise.all(waiting);
  });

  it('keep their own deadlines: that of the first is not the deadline of all', async () => {
    const { server, gates, service } = rig();
    const answer = service(listCall('ann', { deadlineMs: performance.now() + 5_000 }));
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    expect(server.calls[0]?.deadlineMs).toBeUndefined();
    gates[0]?.resolve(list('one'));
    await answer;
  });
});

describe('too many at once', () => {
  it('different requests are passed on without the cache', async () => {
    const { server, gates, service } = rig({ maxFlights: 2 });
    const answers = ['a', 'b', 'c', 'c'].map((principal) => service(listCall(principal)));
    await vi.waitFor(() => expect(server.calls).toHaveLength(4));
    for (const gate of gates) gate.resolve(list('one'));
    await Promise.all(answers);
    server.answer(numbered());
    expect(toolIn(await service(listCall('a')))).toBe('one');
    expect(toolIn(await service(listCall('c')))).toBe('t5');
  });

  it('callers of one request are passed on too', async () => {
    const { server, gates, service } = rig({ maxWaiting: 2 });
    const answers = Array.from({ length: 4 }, () => service(listCall()));
    await vi.waitFor(() => expect(server.calls).toHaveLength(3));
    for (const [n, gate] of gates.entries()) gate.resolve(list(`${n}`));
    expect((await Promise.all(answers)).map(toolIn)).toEqual(['0', '0', '1', '2']);
  });
});

describe('a drop while a request is under way', () => {
  it('keeps its answer from being reused, and later callers from waiting for it', async () => {
    const { server, store, gates, service } = rig();
    const before = service(listCall());
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    await store.invalidate({ server: 'files', topics: ['tools/list'] });
    const after = service(listCall());
    await vi.waitFor(() => expect(server.calls).toHaveLength(2));
    gates[1]?.resolve(list('new'));
    expect(toolIn(await after)).toBe('new');
    gates[0]?.resolve(list('old'));
    expect(toolIn(await before)).toBe('old');
    expect(toolIn(await service(listCall()))).toBe('new');
  });
});

describe('a store that never ends to write', () => {
  it('holds up no caller, and does not keep an answer alive', async () => {
    vi.useFakeTimers();
    try {
      const { server, service } = rig({ store: { ...memoryStore(), write: () => new Promise(() => {}) } });
      server.answer(numbered());
      expect(toolIn(await service(listCall()))).toBe('t1');
      expect(toolIn(await service(listCall()))).toBe('t1');
      await vi.advanceTimersByTimeAsync(1_000);
      expect(toolIn(await service(listCall()))).toBe('t2');
    } finally {
      vi.useRealTimers();
    }
  });
});
