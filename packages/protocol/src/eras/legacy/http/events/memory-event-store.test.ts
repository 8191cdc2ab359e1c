import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventStore, SessionEvents } from './event-store.ts';
import { memoryEventStore, type MemoryEventStoreOptions } from './memory-event-store.ts';

/** A session whose events are texts of as many bytes. */
function sessionOf(store: EventStore) {
  const events: SessionEvents = store.open('s');
  let at = 0;
  return {
    ...bound(events),
    say(stream: number, text: string, vital = false): number {
      events.append({ stream, at: ++at, vital, frame: Buffer.from(text) });
      return at;
    },
    /** What is kept of a stream, as texts. */
    kept: (stream = 0, after = 0) => events.after(stream, after)?.frames.map(String),
    lost: (stream = 0, after = 0) => events.after(stream, after)?.lost,
  };
}

function bound(events: SessionEvents): Pick<SessionEvents, 'end' | 'close'> {
  return { end: (stream, keepMs) => events.end(stream, keepMs), close: () => events.close() };
}

function session(maxSessionEvents = 100, maxSessionBytes = 100_000, more: MemoryEventStoreOptions = {}) {
  const store = memoryEventStore({ maxSessionEvents, maxSessionBytes, ...more });
  return { ...sessionOf(store), sweep: () => store.sweep() };
}

describe('a session in memory', () => {
  it('gives up notifications before replies and questions, the oldest first', () => {
    const { say, kept, lost } = session(3);
    say(0, 'reply', true);
    for (const text of ['a', 'b', 'c', 'd']) say(0, text);
    expect(kept()).toEqual(['reply', 'c', 'd']);
    expect(lost()).toBe(false);
  });

  it('holds no more memory than it counts, whatever its events are pieces of', () => {
    const events = memoryEventStore().open('s');
    events.append({ stream: 0, at: 1, vital: false, frame: Buffer.alloc(65_536, 'a').subarray(7, 10) });
    const [frame] = events.after(0, 0)?.frames ?? [];
    expect(String(frame)).toBe('aaa');
    expect(frame?.buffer.byteLength).toBe(3);
  });

  it('tells when a reply had to go', () => {
    const { say, kept, lost } = session(1);
    const at = say(0, 'a', true);
    say(1, 'b', true);
    expect(lost(0, at - 1)).toBe(true);
    expect(lost(0, at)).toBe(false);
    expect(kept(1)).toEqual(['b']);
  });

  it('keeps the newest reply whatever its size, and a notification does not push it out', () => {
    const { say, kept } = session(100, 200);
    const large = 'x'.repeat(10_000);
    say(0, 'small', true);
    say(0, large, true);
    say(0, 'note');
    expect(kept()).toEqual([large]);
  });

  it('forgets a stream some time after it ended', () => {
    const clock = { nowMs: 0 };
    const { say, kept, end, sweep } = session(100, 100_000, { now: () => clock.nowMs });
    say(0, 'a', true);
    say(1, 'b', true);
    end(0, 1_000);
    clock.nowMs = 999;
    sweep();
    expect(kept(0)).toEqual(['a']);
    clock.nowMs = 1_000;
    sweep();
    expect(kept(0)).toBeUndefined();
    expect(kept(1)).toEqual(['b']);
  });

  it('forgets a stream at once when it has ended and nothing of it is left', () => {
    const { say, kept, end } = session(1);
    say(0, 'a', true);
    end(0, 1_000_000);
    end(7, 1_000_000);
    say(1, 'b', true);
    expect(kept(0)).toBeUndefined();
    expect(kept(7)).toBeUndefined();
  });
});

describe('all sessions in memory', () => {
  it.each([
    ['events', { maxEvents: 20 }],
    ['bytes', { maxBytes: 200 }],
  ])('have a bound on %s, which costs who holds most', (_, bounds) => {
    const store = memoryEventStore(bounds);
    const [small, flood] = [sessionOf(store), sessionOf(store)];
    small.say(0, 'a reply...', true);
    for (let n = 0; n < 1_000; n += 1) flood.say(0, `reply ${String(n).padStart(4, '0')}`, true);
    expect(small.kept()).toEqual(['a reply...']);
    expect(flood.kept()).toHaveLength(19);
    expect(flood.kept()?.at(-1)).toBe('reply 0999');
    expect(flood.lost()).toBe(true);
    expect(small.lost()).toBe(false);
  });

  it('give up even the last reply of a session where there is no room for it', () => {
    const store = memoryEventStore({ maxBytes: 100 });
    const [one, other] = [sessionOf(store), sessionOf(store)];
    other.say(0, 'x'.repeat(60), true);
    one.say(0, 'x'.repeat(101), true);
    expect([one.kept(), one.lost()]).toEqual([[], true]);
    expect(other.kept()).toHaveLength(1);
  });

  it('take the one that has held so much for longest, where many hold alike', () => {
    const store = memoryEventStore({ maxEvents: 3 });
    const all = ['a', 'b', 'c', 'd'].map((text) => {
      const each = sessionOf(store);
      each.say(0, text, true);
      return each;
    });
    expect(all.map(({ kept }) => kept())).toEqual([[], ['b'], ['c'], ['d']]);
  });

  it('have room again when sessions are over or their streams are forgotten', () => {
    const clock = { nowMs: 0 };
    const store = memoryEventStore({ maxEvents: 4, now: () => clock.nowMs });
    const [closed, ended, next] = [sessionOf(store), sessionOf(store), sessionOf(store)];
    for (const each of [closed, ended]) for (const text of ['a', 'b']) each.say(0, text, true);
    closed.close();
    closed.close();
    closed.say(0, 'late', true);
    ended.end(0, 10);
    clock.nowMs = 10;
    store.sweep();
    for (const text of ['1', '2', '3', '4']) next.say(0, text, true);
    expect([closed.kept(), ended.kept(), next.kept()]).toEqual([undefined, undefined, ['1', '2', '3', '4']]);
  });

  it('never hold more than their bounds, whatever is put into them, and tell of every reply that had to go', () => {
    const step = fc.record({
      session: fc.nat(3),
      stream: fc.nat(2),
      size: fc.nat(300),
      vital: fc.boolean(),
      then: fc.constantFrom('nothing', 'nothing', 'nothing', 'close'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const store = memoryEventStore({ maxEvents: 8, maxBytes: 1_000, maxSessionEvents: 5, maxSessionBytes: 500 });
        const open = () => ({ ...sessionOf(store), said: [new Set<number>(), new Set<number>(), new Set<number>()] });
        const sessions = Array.from({ length: 4 }, open);
        for (const { session: index, stream, size, vital, then } of steps) {
          const current = sessions[index] ?? open();
          const at = current.say(stream, 'x'.repeat(size), vital);
          if (vital) current.said[stream]?.add(at);
          if (then === 'close') {
            current.close();
            sessions[index] = open();
          }
          const all = sessions.flatMap(({ kept }) => [0, 1, 2].map((each) => kept(each) ?? []));
          expect(all.flat().length).toBeLessThanOrEqual(8);
          expect(all.flat().join('').length).toBeLessThanOrEqual(1_000);
          for (const each of sessions) {
            expect([0, 1, 2].flatMap((number) => each.kept(number) ?? []).length).toBeLessThanOrEqual(5);
            for (const [number, vitals] of each.said.entries())
              if (each.lost(number) === false) expect(each.kept(number)?.length).toBeGreaterThanOrEqual(vitals.size);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
