/** One event of a stream. */
export interface StoredEvent {
  /** Which stream of the session, from 0. */
  readonly stream: number;
  /** Its place in the session: greater than that of every event before it, whatever their streams. */
  readonly at: number;
  /** A reply or a question, which is given up only after everything that is neither. */
  readonly vital: boolean;
  /** As it goes on the wire; never changed afterwards. */
  readonly frame: Uint8Array;
}

/** What is kept of a stream after a place. */
export interface Replay {
  /** In order. */
  readonly frames: readonly Uint8Array[];
  /** Whether anything vital came after the place that is not among them. */
  readonly lost: boolean;
}

/** The events of one session. */
export interface SessionEvents {
  /** Keeps an event, or gives up others or itself where there is no room. Without effect once closed. */
  append(event: StoredEvent): void;
  /** What came after `at`; `undefined` where nothing is known of the stream: nothing was appended, or it is forgotten. */
  after(stream: number, at: number): Replay | undefined;
  /** Nothing more will be appended to the stream, and nobody asks for it later than in `keepMs`. */
  end(stream: number, keepMs: number): void;
  /** The session is over: all of it is forgotten. Safe to call twice. */
  close(): void;
}

/**
 * Keeps what the sessions of older HTTP clients were sent, so that a client that lost a stream can go on where it ended (spec 2025-11-25: basic/transports,
 * resumability and redelivery). One store may serve several endpoints.
 *
 * It is asked in the middle of sending, so it answers at once, from memory or something as near. It bounds itself, over all sessions too. It should not throw;
 * where it does, what it was given counts as lost. Prove an implementation with `eventStoreContract` of `@toolyard/contract-tests`.
 */
export interface EventStore {
  readonly contract: 'event-store/1';
  /** Room for one session. `session` is unique, and is not the id by which the session can be used. */
  open(session: string): SessionEvents;
  /** Forgets what is due; called every 15 s at least while there are sessions. */
  sweep(): void;
}
