import { eventFrame } from '../../http/event-frame.ts';

/** A place in a stream: everything up to and with event `at` was seen. */
export interface StreamPlace {
  readonly stream: number;
  readonly at: number;
}

/** Keeps what one session has sent on its streams, so that a client that lost one can go on where it ended. */
export interface EventStore {
  /** Begins a stream, and gives its number; 0 is the first one's. */
  begin(): number;
  /** The id of an event without a message, after everything that was appended so far. */
  mark(stream: number): string;
  /** `vital`: a reply or a question, which is given up only after everything that is neither. */
  append(stream: number, message: Uint8Array, vital: boolean): { readonly at: number; readonly frame: Uint8Array };
  /** What was kept of a stream after `at`, in order. */
  after(place: StreamPlace): Uint8Array[];
  /** Where an event id points to; `undefined` for one that was not made here, or whose stream is not kept any more. */
  find(eventId: string): StreamPlace | undefined;
  /** Whether something vital came after this place and had to be given up. */
  lost(place: StreamPlace): boolean;
  /** Nothing more will be appended. It is forgotten `keepMs` later. */
  end(stream: number, keepMs: number): void;
  /** Forgets what is due; called now and then. */
  sweep(): void;
}

export interface EventStoreOptions {
  /** Events kept. */
  readonly maxEvents: number;
  /** Bytes kept. The newest reply or question stays whatever its size. */
  readonly maxBytes: number;
  /** Unique to the session, so that the ids of another one are known as foreign; without `-`. */
  readonly tag: string;
  /** Clock, in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

interface Kept {
  readonly stream: number;
  readonly frame: Uint8Array;
}

interface StreamRecord {
  events: number;
  /** The newest vital event that was given up. */
  lostAt: number;
  /** When it is forgotten, once it has ended. */
  untilMs: number | undefined;
}

const spelling = /^([^-]+)-(\d{1,15})-(\d{1,15})$/;

/** A store in memory: when it is full, the oldest notification goes, and where there is none the oldest reply or question. */
export function memoryEventStore({
  maxEvents,
  maxBytes,
  tag,
  now = () => performance.now(),
}: EventStoreOptions): EventStore {
  const streams = new Map<number, StreamRecord>();
  // Both in order of age, which is that of their keys.
  const notifications = new Map<number, Kept>();
  const vitals = new Map<number, Kept>();
  let bytes = 0;
  let nextStream = 0;
  let nextEvent = 1;

  return {
    begin() {
      streams.set(nextStream, { events: 0, lostAt: 0, untilMs: undefined });
      return nextStream++;
    },
    mark: (stream) => idOf(stream, nextEvent++),
    append(stream, message, vital) {
      const at = nextEvent++;
      const frame = eventFrame(message, idOf(stream, at));
      const record = streams.get(stream);
      if (record !== undefined) {
        record.events += 1;
        bytes += frame.length;
        (vital ? vitals : notifications).set(at, { stream, frame });
        while (notifications.size + vitals.size > maxEvents || bytes > maxBytes) if (!giveUp()) break;
      }
      return { at, frame };
    },
    after({ stream, at }) {
      const found = [...notifications, ...vitals].filter(([key, kept]) => key > at && kept.stream === stream);
      return found.sort(([one], [other]) => one - other).map(([, { frame }]) => frame);
    },
    find(eventId) {
      const match = spelling.exec(eventId);
      if (match === null || match[1] !== tag) return undefined;
      const place = { stream: Number(match[2]), at: Number(match[3]) };
      return streams.has(place.stream) && place.at < nextEvent ? place : undefined;
    },
    lost: ({ stream, at }) => (streams.get(stream)?.lostAt ?? 0) > at,
    end(stream, keepMs) {
      const record = streams.get(stream);
      if (record === undefined) return;
      record.untilMs = now() + keepMs;
      if (record.events === 0) streams.delete(stream);
    },
    sweep() {
      const nowMs = now();
      for (const [stream, { untilMs }] of streams) if (untilMs !== undefined && untilMs <= nowMs) forget(stream);
    },
  };

  function idOf(stream: number, at: number): string {
    return `${tag}-${stream}-${at}`;
  }

  function giveUp(): boolean {
    const [notification] = notifications.keys();
    const [vital] = vitals.keys();
    if (notification !== undefined) drop(notifications, notification);
    else if (vital !== undefined && vitals.size > 1) drop(vitals, vital);
    else return false;
    return true;
  }

  function drop(from: Map<number, Kept>, at: number): void {
    const kept = from.get(at);
    if (kept === undefined) return;
    from.delete(at);
    bytes -= kept.frame.length;
    const record = streams.get(kept.stream);
    if (record === undefined) return;
    record.events -= 1;
    if (from === vitals) record.lostAt = at;
    if (record.events === 0 && record.untilMs !== undefined) streams.delete(kept.stream);
  }

  function forget(stream: number): void {
    for (const from of [notifications, vitals])
      for (const [at, kept] of from) if (kept.stream === stream) drop(from, at);
    streams.delete(stream);
  }
}
