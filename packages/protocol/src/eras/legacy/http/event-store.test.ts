import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../../wire/text.ts';
import { type EventStore, memoryEventStore } from './event-store.ts';

const message = (text: string): Uint8Array => encodeUtf8(JSON.stringify(text));

function storeOf(maxEvents = 100, maxBytes = 100_000, clock = { nowMs: 0 }): EventStore {
  return memoryEventStore({ maxEvents, maxBytes, tag: 'tag', now: () => clock.nowMs });
}

/** What is kept of a stream, as texts. */
function kept(store: EventStore, stream: number, at = 0): unknown[] {
  return store.after({ stream, at }).map((frame) => {
    const data = decodeUtf8(frame)
      .split('\n')
      .find((line) => line.startsWith('data: '));
    return JSON.parse(data?.slice(6) ?? '');
  });
}

describe('a store of events', () => {
  it('gives an event as it goes on the wire', () => {
    const store = storeOf();
    store.begin();
    const { frame } = store.append(store.begin(), message('a'), false);
    expect(decodeUtf8(frame)).toBe('id: tag-1-1\nevent: message\ndata: "a"\n\n');
  });

  it('gives what came after a place, of that stream, in order', () => {
    const store = storeOf();
    const [one, other] = [store.begin(), store.begin()];
    store.append(one, message('a'), false);
    const { at } = store.append(one, message('b'), true);
    store.append(other, message('x'), false);
    store.append(one, message('c'), false);
    const id = store.mark(one);
    store.append(one, message('d'), true);
    expect(kept(store, one)).toEqual(['a', 'b', 'c', 'd']);
    expect(kept(store, one, at)).toEqual(['c', 'd']);
    expect(kept(store, other)).toEqual(['x']);
    expect(kept(store, one, store.find(id)?.at)).toEqual(['d']);
  });

  it.each([
    '',
    'x',
    'tag-0',
    'tag-0-',
    'tag-0-1-2',
    'tag--1-0',
    'tag-0-1e3',
    'other-0-1',
    'tag-7-1',
    'tag-0-9',
    `tag-0-${'9'.repeat(400)}`,
  ])('does not know the id "%s"', (id) => {
    const store = storeOf();
    store.append(store.begin(), message('a'), false);
    expect(store.find('tag-0-1')).toEqual({ stream: 0, at: 1 });
    expect(store.find(id)).toBeUndefined();
  });

  it('gives up notifications before replies and questions, the oldest first', () => {
    const store = storeOf(3);
    const stream = store.begin();
    store.append(stream, message('reply'), true);
    for (const text of ['a', 'b', 'c', 'd']) store.append(stream, message(text), false);
    expect(kept(store, stream)).toEqual(['reply', 'c', 'd']);
    expect(store.lost({ stream, at: 0 })).toBe(false);
  });

  it('tells when a reply had to go', () => {
    const store = storeOf(1);
    const [one, other] = [store.begin(), store.begin()];
    const { at } = store.append(one, message('a'), true);
    store.append(other, message('b'), true);
    expect(store.lost({ stream: one, at: at - 1 })).toBe(true);
    expect(store.lost({ stream: one, at })).toBe(false);
    expect(kept(store, other)).toEqual(['b']);
  });

  it('keeps the newest reply whatever its size, and a notification does not push it out', () => {
    const store = storeOf(100, 200);
    const stream = store.begin();
    const large = 'x'.repeat(10_000);
    store.append(stream, message('small'), true);
    store.append(stream, message(large), true);
    store.append(stream, message('note'), false);
    expect(kept(store, stream)).toEqual([large]);
  });

  it('forgets a stream some time after it ended', () => {
    const clock = { nowMs: 0 };
    const store = storeOf(100, 100_000, clock);
    const [ended, going] = [store.begin(), store.begin()];
    const { at } = store.append(ended, message('a'), true);
    store.append(going, message('b'), true);
    store.end(ended, 1_000);
    clock.nowMs = 999;
    store.sweep();
    expect(store.find(`tag-${ended}-${at}`)).toBeDefined();
    clock.nowMs = 1_000;
    store.sweep();
    expect(store.find(`tag-${ended}-${at}`)).toBeUndefined();
    expect(kept(store, ended)).toEqual([]);
    expect(kept(store, going)).toEqual(['b']);
  });

  it('forgets a stream at once when it has ended and nothing of it is left', () => {
    const store = storeOf(1);
    const [ended, silent] = [store.begin(), store.begin()];
    const id = store.mark(ended);
    store.append(ended, message('a'), true);
    store.end(ended, 1_000_000);
    store.end(silent, 1_000_000);
    store.append(store.begin(), message('b'), true);
    expect(store.find(id)).toBeUndefined();
    expect(store.find(`tag-${silent}-1`)).toBeUndefined();
  });

  it('never holds more than its bounds and one message, whatever is put into it', () => {
    const step = fc.record({
      stream: fc.nat(4),
      size: fc.nat(300),
      vital: fc.boolean(),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const store = storeOf(5, 500);
        const streams = Array.from({ length: 5 }, () => store.begin());
        let begun = streams.length;
        let largest = 0;
        for (const { stream, size, vital, ends } of steps) {
          const number = streams[stream] ?? 0;
          const { frame } = store.append(number, message('x'.repeat(size)), vital);
          largest = Math.max(largest, frame.length);
          if (ends) {
            store.end(number, 1_000);
            streams[stream] = store.begin();
            begun += 1;
          }
          const frames = Array.from({ length: begun }, (_, each) => store.after({ stream: each, at: 0 })).flat();
          expect(frames.length).toBeLessThanOrEqual(5);
          expect(frames.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(Math.max(500, largest));
        }
      }),
      { numRuns: 50 },
    );
  });
});
