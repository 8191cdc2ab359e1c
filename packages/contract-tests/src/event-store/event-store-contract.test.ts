import type { SessionEvents, StoredEvent } from '@toolyard/protocol';
import { memoryEventStore } from '@toolyard/protocol';
import { describe, expect, test } from 'vitest';
import { eventStoreCases, eventStoreContract, type EventStoreRig } from './event-store-contract.ts';

const none = async (): Promise<void> => undefined;

eventStoreContract('memoryEventStore()', () => ({ store: memoryEventStore(), [Symbol.asyncDispose]: none }));

/** A store in memory that does something else with its sessions. */
function altered(alter: (events: SessionEvents, session: string) => Partial<SessionEvents>): EventStoreRig {
  const store = memoryEventStore();
  const open = (session: string): SessionEvents => {
    const events = store.open(session);
    return {
      append: (event) => events.append(event),
      after: (stream, at) => events.after(stream, at),
      end: (stream, keepMs) => events.end(stream, keepMs),
      close: () => events.close(),
      ...alter(events, session),
    };
  };
  return { store: { ...store, open }, [Symbol.asyncDispose]: none };
}

const sabotages: readonly [how: string, rig: () => EventStoreRig, title: string][] = [
  [
    'forgets where the client was',
    () => altered((events) => ({ after: (stream) => events.after(stream, 0) })),
    'what came after a place comes back, of that stream only, in order',
  ],
  [
    'keeps texts for bytes',
    () =>
      altered((events) => ({
        append: (event) => events.append({ ...event, frame: Buffer.from(Buffer.from(event.frame).toString()) }),
      })),
    'frames come back byte for byte',
  ],
  [
    'makes streams up',
    () => altered((events) => ({ after: (...place) => events.after(...place) ?? { frames: [], lost: false } })),
    'nothing is known of a stream to which nothing was appended',
  ],
  [
    'has one room for all',
    () => {
      const shared = memoryEventStore().open('all');
      return altered(() => ({ append: (event) => shared.append(event), after: (...place) => shared.after(...place) }));
    },
    'sessions do not see each other',
  ],
  [
    'forgets a stream when it ends',
    () => altered((events) => ({ end: (stream) => events.end(stream, -1) })),
    'a stream that has ended is still there for a while',
  ],
  [
    'keeps a session that is over',
    () => altered(() => ({ close: () => undefined })),
    'a session that is over is forgotten, and no other',
  ],
  [
    'is silent about what had to go',
    () =>
      altered((events) => ({
        after: (...place) => {
          const replay = events.after(...place);
          return replay && { ...replay, lost: false };
        },
      })),
    'what had to go is told where it was a reply or a question',
  ],
  [
    'takes everything for alike',
    () => altered((events) => ({ append: (event: StoredEvent) => events.append({ ...event, vital: false }) })),
    'a reply is not pushed out by notifications',
  ],
];

describe('the suite of event stores fails one that', () => {
  test.each(sabotages)('%s', async (_, open, title) => {
    await using rig = open();
    await expect(eventStoreCases[title]?.(rig)).rejects.toThrow();
  });

  test('does any of these, and has a case for each', () => {
    expect(sabotages.map(([, , title]) => title)).toEqual(Object.keys(eventStoreCases));
  });
});
