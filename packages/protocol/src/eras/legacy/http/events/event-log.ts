import { eventFrame } from '../../../http/event-frame.ts';
import type { Replay, SessionEvents } from './event-store.ts';

/** A place in a stream: everything up to and with event `at` was seen. */
export interface StreamPlace {
  readonly stream: number;
  readonly at: number;
}

/** What one session says on its streams: numbers it, and keeps it in a store. */
export interface EventLog {
  /** Begins a stream, and gives its number; 0 is the first one's. */
  begin(): number;
  /** The id of an event without a message, after everything that was appended so far. */
  mark(stream: number): string;
  /** `vital`: a reply or a question. */
  append(stream: number, message: Uint8Array, vital: boolean): { readonly at: number; readonly frame: Uint8Array };
  /** Where an event id points to; `undefined` for one that was not given out here. */
  find(eventId: string): StreamPlace | undefined;
  /** What is kept of a stream after a place; `undefined` where nothing is known of it. */
  after(place: StreamPlace): Replay | undefined;
  /** Nothing more will be appended, and nobody asks for it later than in `keepMs`. */
  end(stream: number, keepMs: number): void;
  /** Nobody asks for anything any more. Safe to call twice. */
  close(): void;
}

const spelling = /^([^-]+)-(\d{1,15})-(\d{1,15})$/;

/** `tag`: unique to the session, so that the ids of another one are known as foreign; without `-`. */
export function createEventLog(events: SessionEvents, tag: string): EventLog {
  let nextStream = 0;
  let nextEvent = 1;
  /** The newest vital event that the store failed to take. */
  let failedAt = 0;
  const idOf = (stream: number, at: number): string => `${tag}-${stream}-${at}`;

  return {
    begin: () => nextStream++,
    mark: (stream) => idOf(stream, nextEvent++),
    append(stream, message, vital) {
      const at = nextEvent++;
      const frame = eventFrame(message, idOf(stream, at));
      const taken = attempt(() => (events.append({ stream, at, vital, frame }), true));
      if (taken === undefined && vital) failedAt = at;
      return { at, frame };
    },
    find(eventId) {
      const match = spelling.exec(eventId);
      if (match === null || match[1] !== tag) return undefined;
      const place = { stream: Number(match[2]), at: Number(match[3]) };
      return place.stream < nextStream && place.at < nextEvent ? place : undefined;
    },
    after({ stream, at }) {
      const replay = attempt(() => events.after(stream, at));
      return failedAt > at ? { frames: replay?.frames ?? [], lost: true } : replay;
    },
    end: (stream, keepMs) => void attempt(() => events.end(stream, keepMs)),
    close: () => void attempt(() => events.close()),
  };
}

/** What a store fails at is lost, and told to whoever asks for it. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
