import type { RawObject } from './wire/raw-object.ts';

/** Who asks. One object may serve many calls, so compare by `principal` and `tenant`, not by identity. */
export interface Caller {
  /** Who was authenticated at the door: the key under which sessions, parked calls and private answers are kept. `anonymous` where nobody asked. */
  readonly principal: string;
  /** The wall between customers. `default` where there is only one. */
  readonly tenant: string;
  /**
   * Which session or connection the call came by, where the client has one: a session of a revision before 2026-07-28, or a pipe. Made at the door, never told to a client, and unlike that of any
   * other; it says nothing of who the caller is. Missing where each request stands alone.
   */
  readonly session?: string;
  /** The process itself asks, for its own ends: what it is told is nobody's secret. No door makes such a caller. */
  readonly own?: boolean;
  /** `Implementation` as the client wrote it. For display only: it is not proved, and nothing may depend on it (spec: basic, `_meta`). */
  readonly clientInfo: RawObject | undefined;
  /** `ClientCapabilities` of this very call, as the client wrote them; an empty object when it declared none. */
  readonly capabilities: RawObject;
}

/** A message from the server that belongs to one call: progress, a log message, or an event of a subscription. */
export interface Notification {
  readonly method: string;
  readonly params: RawObject;
}

/** Where a request stands in a trace (W3C Trace Context). */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** One request in the shape of revision 2026-07-28: complete in itself, whatever revision its sender speaks. Treat as immutable. */
export interface Call {
  readonly method: string;
  /**
   * The `params` member, verbatim; `{}` where the sender left it out.
   *
   * Members of `_meta` that belong to one hop (protocol version, client info, client capabilities, `progressToken`, log level) may still stand
   * in it as the sender wrote them. Read the fields of this interface instead: whoever sends the call on writes those members anew from them.
   * All other members of `_meta` travel end to end.
   */
  readonly params: RawObject;
  readonly caller: Caller;
  /** Aborts when the caller cancelled or is gone for good, when `deadlineMs` has passed, or when the server that took the call closes. */
  readonly signal: AbortSignal;
  /** Point in time, in milliseconds of `performance.now()`, after which nobody waits any longer; `undefined` means only `signal` ends it. */
  readonly deadlineMs: number | undefined;
  /** The token under which the caller wants `notifications/progress`; a service that reports progress writes this token into them. */
  readonly progressToken: string | number | undefined;
  /** The least severe level of `notifications/message` that the caller wants; `undefined` means it wants none (spec: `logLevel`). */
  readonly logLevel: LogLevel | undefined;
  /**
   * Its place in a trace as the headers of its transport said, of good form and bounded. What `_meta` says under the same names (SEP-414) counts before it.
   * Nothing of this is written into `params` here: whoever continues the trace does that.
   */
  readonly trace?: TraceContext | undefined;
  /** By what name those on its way speak of it in what they write down, such as logs. Never leaves the process. */
  readonly requestId?: string | undefined;
  /**
   * Sends what belongs to this call to its caller, in order, before the reply. Subscription events carry no `subscriptionId` here: the door stamps its own.
   *
   * Resolves when there is room for the next one, so awaiting it is back-pressure; who cannot wait may go on, up to the bound of the caller's
   * transport, which then aborts the call. Never rejects: what comes after the call has ended is dropped.
   */
  notify(notification: Notification): Promise<void>;
}

/** Syslog severities of RFC 5424, least severe first. */
export const logLevels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export type LogLevel = (typeof logLevels)[number];
