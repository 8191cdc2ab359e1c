import { afterEach, describe, expect, it, vi } from 'vitest';
import { ToolyardError } from '../../../../errors/toolyard-error.ts';
import type { Pipe } from '../../../../pipe.ts';
import { testCall } from '../../../../testing/call.ts';
import { initializeResult, pipeSource, type PipeSource } from '../../../../testing/pipes.ts';
import type { WireEnd } from '../../../../testing/wire-end.ts';
import { connectSessions } from '../client.ts';
import { done, forms, poolRig, type PoolRig, tool } from '../testing/pool-rig.ts';
import { sessionForgotten, sessionLost } from './session-loss.ts';

/** What the server says to `initialize`. */
const hello = initializeResult('{"tools":{"listChanged":true}}');

const elicit = '{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"message":"Who?"}}';
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

afterEach(() => {
  vi.useRealTimers();
});

describe('sessions by profile', () => {
  it('are drained when no call is under way in any of them, the parked ones included', async () => {
    await using pool = await poolRig();
    await pool.connection.drained?.();
    const list = pool.connection.service(testCall('tools/list'));
    const asked = pool.connection.service(tool({ capabilities: forms }));
    const second = await pool.session(1);
    await second.next();
    second.send(elicit);
    const requestState = (await asked).result.string('requestState');
    let drained = false;
    const draining = pool.connection.drained?.().then(() => (drained = true));
    await pool.first.answer('"result":{"tools":[]}');
    await list;
    await settled();
    expect(drained).toBe(false);
    const inputResponses = { q1: { action: 'accept' } };
    const retry = pool.connection.service(
      tool({ capabilities: forms, params: { name: 'a', requestState, inputResponses } }),
    );
    await second.next();
    await settled();
    expect(drained).toBe(false);
    second.send('{"jsonrpc":"2.0","id":2,"result":{"content":[]}}');
    await Promise.all([retry, draining]);
  });

  it('are drained when their server is gone', async () => {
    await using pool = await poolRig();
    const asked = pool.connection.service(tool({ capabilities: forms }));
    const second = await pool.session(1);
    await second.next();
    second.send(elicit);
    await asked;
    const draining = pool.connection.drained?.();
    await second.close();
    await draining;
  });

  it('declare what their callers did, each profile once, and the first everything', async () => {
    await using pool = await poolRig();
    expect(pool.source.ends[0]?.seen[0]).toContain(
      '"capabilities":{"elicitation":{"form":{},"url":{}},"sampling":{"tools":{}},"roots":{"listChanged":false}},',
    );
    const replies = [
      pool.connection.service(tool({ capabilities: forms })),
      pool.connection.service(tool({ capabilities: { elicitation: { form: {} }, x: 1 } })),
    ];
    const second = await pool.session(1, '{"elicitation":{"form":{}}}');
    await second.answer(done);
    await second.answer(done);
    await Promise.all(replies);
    const bare = pool.connection.service(tool());
    const third = await pool.session(2, '{}');
    await third.answer(done);
    await bare;
    expect(pool.source.ends).toHaveLength(3);
  });

  it('leave lists, and callers who declare everything, to the first', async () => {
    await using pool = await poolRig();
    const first = pool.source.ends[0];
    const list = pool.connection.service(testCall('tools/list', { capabilities: forms }));
    await first?.answer('"result":{"tools":[]}');
    await list;
    const everything = pool.connection.service(
      tool({ capabilities: { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {} } }),
    );
    await first?.answer(done);
    await everything;
    expect(pool.source.ends).toHaveLength(1);
  });

  it('make a question certain that would not be in one session', async () => {
    await using pool = await poolRig();
    const other = pool.connection.service(tool());
    const bare = await pool.session(1);
    await bare.next();
    const asked = pool.connection.service(tool({ capabilities: forms }));
    const second = await pool.session(2);
    await second.next();
    second.send(elicit);
    const { result } = await asked;
    expect(result.string('resultType')).toBe('input_required');
    const retry = pool.connection.service(
      tool({
        capabilities: forms,
        params: {
          name: 'a',
          requestState: result.string('requestState'),
          inputResponses: { q1: { action: 'accept' } },
        },
      }),
    );
    expect(await second.next()).toBe('{"jsonrpc":"2.0","id":"q","result":{"action":"accept"}}');
    second.send(`{"jsonrpc":"2.0","id":2,${done}}`);
    bare.send(`{"jsonrpc":"2.0","id":2,${done}}`);
    await Promise.all([retry, other]);
    expect(pool.source.ends).toHaveLength(3);
  });

  it('are kept apart by principal and tenant where that is asked for', async () => {
    await using pool = await poolRig({ perPrincipal: true });
    for (const [n, who] of [
      { principal: 'ada' },
      { principal: 'bob' },
      { principal: 'ada', tenant: 'acme' },
    ].entries()) {
      const list = pool.connection.service(testCall('tools/list', who));
      const end = await pool.session(n + 1);
      await end.answer('"result":{"tools":[]}');
      await list;
    }
    expect(pool.source.ends).toHaveLength(4);
  });

  it('are the first one only where the server will have no second', async () => {
    await using pool = await poolRig();
    const reply = pool.connection.service(tool());
    await (await pool.source.end(1)).answer('"error":{"code":-32600,"message":"Server already initialized"}');
    await pool.source.ends[0]?.answer(done);
    await reply;
    const again = pool.connection.service(tool({ capabilities: forms }));
    await pool.source.ends[0]?.answer(done);
    await again;
    expect(pool.source.ends).toHaveLength(2);
  });

  it('open no more than they may: the one idle longest makes room, else the first takes the call', async () => {
    await using pool = await poolRig({ maxSessions: 2 });
    const one = pool.connection.service(tool());
    const second = await pool.session(1);
    const asked = pool.connection.service(tool({ capabilities: forms }));
    await pool.source.ends[0]?.answer(done);
    await asked;
    await second.answer(done);
    await one;
    const two = pool.connection.service(tool({ capabilities: forms }));
    const third = await pool.session(2);
    await third.answer(done);
    await two;
    await vi.waitFor(() => expect(second.closed).toBe(true));
  });

  it('fail with UPSTREAM_BUSY rather than share where they are kept apart', async () => {
    await using pool = await poolRig({ maxSessions: 2, perPrincipal: true });
    const one = pool.connection.service(tool({ principal: 'ada' }));
    const second = await pool.session(1);
    await expect(pool.connection.service(tool({ principal: 'bob' }))).rejects.toMatchObject({
      code: 'UPSTREAM_BUSY',
      facts: { limit: 2 },
    });
    await second.answer(done);
    await one;
  });

  it('end when idle, but not while a call is parked there', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
    await using pool = await poolRig({ idleMs: 1_000 });
    const one = pool.connection.service(tool());
    const idle = await pool.session(1);
    await idle.answer(done);
    await one;
    const asked = pool.connection.service(tool({ capabilities: forms }));
    const parked = await pool.session(2);
    await parked.next();
    parked.send(elicit);
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(10);
    await asked;
    await vi.advanceTimersByTimeAsync(2_000);
    expect([idle.closed, parked.closed]).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(400_000);
    expect([pool.source.ends[0]?.closed, parked.closed]).toEqual([false, true]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('do not keep a caller waiting who has gone', async () => {
    await using pool = await poolRig({ open: () => new Promise(() => {}) });
    const call = tool();
    const reply = pool.connection.service(call);
    call.abort();
    await expect(reply).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('are waited for by as many calls as may be in flight', async () => {
    await using pool = await poolRig({}, { maxInFlight: 2 });
    const waiting = [pool.connection.service(tool()), pool.connection.service(tool())];
    await expect(pool.connection.service(tool())).rejects.toMatchObject({ code: 'UPSTREAM_BUSY', facts: { limit: 2 } });
    const second = await pool.session(1);
    for (const _ of waiting) await second.answer(done);
    await Promise.all(waiting);
  });

  it('do not keep a caller waiting beyond its deadline', async () => {
    await using pool = await poolRig();
    const waiting = pool.connection.service(tool({ deadlineMs: performance.now() + 20 }));
    await pool.source.end(1);
    await expect(waiting).rejects.toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      facts: { upstream: 'old', method: 'tools/call' },
    });
  });

  it('all end with the connection, also one that is being opened', async () => {
    const pool = await poolRig();
    const one = pool.connection.service(tool());
    const second = await pool.session(1);
    await second.next();
    const waiting = pool.connection.service(tool({ capabilities: forms }));
    const third = await pool.source.end(2);
    const outcomes = Promise.allSettled([one, waiting]);
    await pool.connection.close();
    expect((await outcomes).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    expect(await pool.connection.closed).toBeUndefined();
    await vi.waitFor(() =>
      expect([pool.source.ends[0]?.closed, second.closed, third.closed]).toEqual([true, true, true]),
    );
    await expect(pool.connection.service(tool())).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('all end when one loses the server', async () => {
    await using pool = await poolRig();
    const one = pool.connection.service(tool());
    const second = await pool.session(1);
    await second.close();
    await expect(one).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
    await pool.connection.closed;
    await expect(pool.connection.service(tool())).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
    expect(pool.source.ends[0]?.closed).toBe(true);
  });
});

/** Pipes whose end says that the server has forgotten the session, as a 404 does. */
function forgetful(source: PipeSource): { open: () => Promise<Pipe>; forget: (n: number, refusing?: boolean) => void } {
  const forgetting: ((refusing: boolean) => void)[] = [];
  return {
    forget: (n, refusing = false) => forgetting[n]?.(refusing),
    async open() {
      const pipe = await source.open();
      let refuse = false;
      return {
        send: (message) => (refuse ? Promise.reject(sessionForgotten('old')) : pipe.send(message)),
        start(receiver) {
          forgetting.push((refusing) => {
            refuse = refusing;
            if (!refusing) receiver.closed(sessionLost(sessionForgotten('old')));
          });
          pipe.start(receiver);
        },
        close: () => pipe.close(),
      };
    },
  };
}

describe('a session that its server has forgotten', () => {
  async function forgettable(): Promise<
    Pick<PoolRig, 'connection' | 'source' | 'session' | typeof Symbol.asyncDispose> & {
      forget: (n: number, refusing?: boolean) => void;
    }
  > {
    const source = pipeSource();
    const { open, forget } = forgetful(source);
    const connecting = connectSessions(await open(), open, {
      upstream: 'old',
      clientInfo: { name: 't', version: '1' },
      wire: 'memory',
      sessions: { policy: 'shared' },
    });
    const session = async (n: number): Promise<WireEnd> => {
      const end = await source.end(n);
      await end.answer(hello);
      await end.next();
      return end;
    };
    await session(0);
    const connection = await connecting;
    return { connection, source, forget, session, [Symbol.asyncDispose]: () => connection.close() };
  }

  it('is opened anew, once, and what is safe to repeat is called again', async () => {
    await using pool = await forgettable();
    const list = pool.connection.service(testCall('tools/list'));
    await pool.source.ends[0]?.next();
    pool.forget(0);
    const second = await pool.session(1);
    await second.answer('"result":{"tools":[]}');
    expect((await list).result.value).toMatchObject({ tools: [] });
    const again = pool.connection.service(testCall('tools/list'));
    await second.next();
    pool.forget(1);
    const third = await pool.session(2);
    await third.next();
    pool.forget(2);
    await again.catch(() => {});
    await expect(again).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
    expect(pool.source.ends).toHaveLength(3);
  });

  it('does not have a tool called twice that may have run', async () => {
    await using pool = await forgettable();
    const reply = pool.connection.service(tool());
    await pool.source.ends[0]?.next();
    pool.forget(0);
    await expect(reply).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
    expect(pool.source.ends).toHaveLength(1);
    const next = pool.connection.service(tool());
    const second = await pool.session(1);
    await second.answer(done);
    await next;
  });

  it('has a tool called again that it refused', async () => {
    await using pool = await forgettable();
    pool.forget(0, true);
    const reply = pool.connection.service(tool());
    const second = await pool.session(1);
    await second.answer(done);
    expect((await reply).result.value).toMatchObject({ resultType: 'complete' });
  });

  it('ends the connection where it cannot be opened anew', async () => {
    await using pool = await forgettable();
    const list = pool.connection.service(testCall('tools/list'));
    await pool.source.ends[0]?.next();
    pool.forget(0);
    await (await pool.source.end(1)).close();
    await expect(list).rejects.toBeInstanceOf(ToolyardError);
    expect(await pool.connection.closed).toBeInstanceOf(Error);
  });

  it('tells progress that grows, though the second call counts from the beginning', async () => {
    await using pool = await forgettable();
    const call = testCall('tools/list', { progressToken: 't' });
    const list = pool.connection.service(call);
    await pool.source.ends[0]?.next();
    pool.source.ends[0]?.send(
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":5}}',
    );
    await settled();
    pool.forget(0);
    const second = await pool.session(1);
    await second.next();
    for (const progress of [1, 6])
      second.send(
        `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":${progress}}}`,
      );
    second.send('{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}');
    await list;
    expect(call.notified.map(({ params }) => params)).toEqual([
      { progressToken: 't', progress: 5 },
      { progressToken: 't', progress: 6 },
    ]);
  });

  it('tells the retry of a call that was parked there that it is gone', async () => {
    await using pool = await forgettable();
    const asked = pool.connection.service(tool({ capabilities: forms }));
    await pool.source.ends[0]?.next();
    pool.source.ends[0]?.send(elicit);
    const requestState = (await asked).result.string('requestState');
    pool.forget(0);
    await settled();
    const retry = pool.connection.service(
      tool({ capabilities: forms, params: { name: 'a', requestState, inputResponses: {} } }),
    );
    const second = await pool.session(1);
    await expect(retry).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
    const next = pool.connection.service(tool());
    await second.answer(done);
    await next;
  });
});
