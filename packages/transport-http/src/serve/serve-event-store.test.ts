import { type Call, type EventStore, memoryEventStore, type StoredEvent } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { serviceOf, textReply } from '../testing/calls.ts';
import { events, openSession, posted, resumed, toolRequest } from '../testing/legacy-session.ts';
import { serve } from '../testing/listeners.ts';
import { ask, type RawAnswer } from '../testing/raw-http.ts';

/** A tool that answers with as many characters as it is asked for, once it is told to. */
function repeating() {
  const released = Promise.withResolvers<void>();
  const repeat = async ({ params }: Call) => {
    await released.promise;
    return textReply('x'.repeat(Number(params.object('arguments')?.string('size') ?? 0)));
  };
  return { service: serviceOf({ repeat }), release: released.resolve };
}

const repeat = (id: number, size: number): unknown =>
  toolRequest('repeat', id, { arguments: { size: String(size) }, _meta: { progressToken: id } });

/** Calls, and goes away as soon as it knows how to come back. */
async function callAndLeave(address: string, inside: Record<string, string>, body: unknown): Promise<string> {
  const response = await events(address, posted(inside, body));
  const primer = await response.next();
  response.leave();
  return primer?.id ?? '';
}

/** A GET that is answered whole, whatever with. */
function come(address: string, inside: Record<string, string>, lastEventId: string): Promise<RawAnswer> {
  const headers = { ...inside, accept: 'text/event-stream', 'last-event-id': lastEventId };
  return ask(address, { method: 'GET', headers });
}

async function replyAfter(address: string, inside: Record<string, string>, lastEventId: string): Promise<unknown> {
  const all = await (await events(address, resumed(inside, lastEventId))).rest();
  return JSON.parse(all.at(-1)?.data ?? 'null');
}

const reply = (id: number, size: number): unknown => ({
  jsonrpc: '2.0',
  id,
  result: { content: [{ type: 'text', text: 'x'.repeat(size) }] },
});

describe('what is kept for clients that lost a stream', () => {
  it('is bounded over all sessions: who holds most is told that its events are gone, and others lose nothing', async () => {
    const { service, release } = repeating();
    const eventStore = memoryEventStore({ maxBytes: 5_000 });
    await using listener = await serve(service, { primeMs: 5, eventStore });
    const [modest, greedy] = [await openSession(listener.address), await openSession(listener.address)];
    const mine = await callAndLeave(listener.address, modest, repeat(1, 100));
    const ids: string[] = [];
    for (let id = 1; id <= 10; id += 1) ids.push(await callAndLeave(listener.address, greedy, repeat(id, 1_000)));
    release();
    await expect.poll(async () => (await come(listener.address, greedy, ids[0] ?? '')).status).toBe(410);
    const gone = await come(listener.address, greedy, ids[0] ?? '');
    expect(gone.json.error).toMatchObject({
      message: 'What came after this Last-Event-ID is not kept any more.',
      data: { code: 'EVENTS_GONE' },
    });
    expect(await replyAfter(listener.address, greedy, ids.at(-1) ?? '')).toEqual(reply(10, 1_000));
    expect(await replyAfter(listener.address, modest, mine)).toEqual(reply(1, 100));
    const again = await ask(listener.address, { headers: greedy, body: repeat(99, 1) });
    expect(again.status).toBe(200);
  });

  it('may be in a store of your own, which hears when a session is over', async () => {
    const { service, release } = repeating();
    const inner = memoryEventStore();
    const seen: StoredEvent[] = [];
    const closed = Promise.withResolvers<string>();
    const eventStore: EventStore = {
      ...inner,
      open(session) {
        const kept = inner.open(session);
        return {
          append: (event) => (seen.push(event), kept.append(event)),
          after: (stream, at) => kept.after(stream, at),
          end: (stream, keepMs) => kept.end(stream, keepMs),
          close: () => (closed.resolve(session), kept.close()),
        };
      },
    };
    await using listener = await serve(service, { primeMs: 5, eventStore });
    const inside = await openSession(listener.address);
    const id = await callAndLeave(listener.address, inside, repeat(1, 3));
    release();
    await expect.poll(() => seen.map(({ vital }) => vital)).toEqual([true]);
    expect(await replyAfter(listener.address, inside, id)).toEqual(reply(1, 3));
    expect((await ask(listener.address, { method: 'DELETE', headers: inside })).status).toBe(200);
    expect(id.startsWith(`${await closed.promise}-`)).toBe(true);
    expect(await closed.promise).not.toBe(inside['mcp-session-id']);
  });

  it('counts as gone where that store fails, and the calls go on', async () => {
    const { service, release } = repeating();
    const fail = (): never => {
      throw new Error('the disk is full');
    };
    const eventStore: EventStore = {
      contract: 'event-store/1',
      open: () => ({ append: fail, after: fail, end: fail, close: fail }),
      sweep: fail,
    };
    await using listener = await serve(service, { primeMs: 5, sessionIdleMs: 40, eventStore });
    const inside = await openSession(listener.address);
    const response = await events(listener.address, posted(inside, repeat(1, 3)));
    const primer = await response.next();
    release();
    const [event] = await response.rest();
    expect(JSON.parse(event?.data ?? 'null')).toEqual(reply(1, 3));
    expect((await come(listener.address, inside, primer?.id ?? '')).status).toBe(410);
    // It is swept meanwhile.
    await expect.poll(async () => (await come(listener.address, inside, primer?.id ?? '')).status).toBe(404);
  });
});
