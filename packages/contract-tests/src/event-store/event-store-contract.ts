import type { EventStore, SessionEvents } from '@toolyard/protocol';
import { expect } from 'vitest';
import type { Cases, Gaps } from '../contract.ts';
import { registerContract } from '../contract.ts';

/** What an event store brings to its suite. */
export interface EventStoreRig extends AsyncDisposable {
  /** The one under test, with room for a thousand events of a session, and empty. */
  readonly store: EventStore;
}

const keepMs = 600_000;
const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const textsOf = (events: SessionEvents, stream: number, at = 0): readonly string[] | undefined =>
  events.after(stream, at)?.frames.map((frame) => Buffer.from(frame).toString());

/** Appends texts to a stream, from place `from` on. */
function say(events: SessionEvents, stream: number, texts: readonly string[], from = 1, vital = false): void {
  for (const [index, text] of texts.entries()) events.append({ stream, at: from + index, vital, frame: bytesOf(text) });
}

export const eventStoreCases: Cases<EventStoreRig> = {
  'what came after a place comes back, of that stream only, in order': async ({ store }) => {
    const events = store.open('a');
    say(events, 0, ['1', '2']);
    say(events, 1, ['other'], 3, true);
    say(events, 0, ['4'], 4, true);
    say(events, 0, ['5'], 5);
    expect(textsOf(events, 0)).toEqual(['1', '2', '4', '5']);
    expect(textsOf(events, 0, 2)).toEqual(['4', '5']);
    expect(events.after(0, 5)).toEqual({ frames: [], lost: false });
    expect(events.after(1, 0)?.lost).toBe(false);
  },

  'frames come back byte for byte': async ({ store }) => {
    const events = store.open('a');
    const frame = Uint8Array.from({ length: 1_024 }, (_, index) => index % 256);
    events.append({ stream: 0, at: 1, vital: true, frame });
    expect(Buffer.from(events.after(0, 0)?.frames[0] ?? []).equals(frame)).toBe(true);
  },

  'nothing is known of a stream to which nothing was appended': async ({ store }) => {
    const events = store.open('a');
    say(events, 0, ['1']);
    expect(events.after(1, 0)).toBeUndefined();
    events.end(1, keepMs);
    expect(events.after(1, 0)).toBeUndefined();
  },

  'sessions do not see each other': async ({ store }) => {
    const [one, other] = [store.open('a'), store.open('b')];
    say(one, 0, ['one']);
    expect(other.after(0, 0)).toBeUndefined();
    say(other, 0, ['other']);
    expect([textsOf(one, 0), textsOf(other, 0)]).toEqual([['one'], ['other']]);
  },

  'a stream that has ended is still there for a while': async ({ store }) => {
    const events = store.open('a');
    say(events, 0, ['1'], 1, true);
    events.end(0, keepMs);
    store.sweep();
    expect(textsOf(events, 0)).toEqual(['1']);
  },

  'a session that is over is forgotten, and no other': async ({ store }) => {
    const [one, other] = [store.open('a'), store.open('b')];
    for (const events of [one, other]) say(events, 0, ['1'], 1, true);
    one.close();
    one.close();
    say(one, 0, ['late'], 2, true);
    one.end(0, keepMs);
    store.sweep();
    expect(one.after(0, 0)).toBeUndefined();
    expect(textsOf(other, 0)).toEqual(['1']);
  },

  'what had to go is told where it was a reply or a question': async ({ store }) => {
    const events = store.open('a');
    const texts = Array.from({ length: 20_000 }, (_, index) => `${index}`.padStart(256, '.'));
    say(events, 0, texts, 1, true);
    const replay = events.after(0, 0);
    expect(replay === undefined || replay.lost || replay.frames.length === texts.length).toBe(true);
    // Who has seen all of it has lost nothing.
    expect(events.after(0, texts.length)?.lost ?? false).toBe(false);
  },

  'a reply is not pushed out by notifications': async ({ store }) => {
    const events = store.open('a');
    say(events, 0, ['reply'], 1, true);
    say(
      events,
      1,
      Array.from({ length: 20_000 }, (_, index) => `${index}`.padStart(256, '.')),
      2,
    );
    expect(textsOf(events, 0)).toEqual(['reply']);
  },
};

/** Proves that a store keeps `event-store/1`. To be called at the top of a vitest file; the arguments are those of `transportContract`. */
export function eventStoreContract(
  name: string,
  open: () => Promise<EventStoreRig> | EventStoreRig,
  gaps: Gaps = {},
): void {
  registerContract(`${name} keeps event-store/1`, eventStoreCases, open, gaps);
}
