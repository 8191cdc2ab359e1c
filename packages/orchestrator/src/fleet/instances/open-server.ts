import type { Caller, Connection, ConnectOptions } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { exposedName } from '../../catalogue/entries/names.ts';
import type { Offer } from '../../catalogue/upstream.ts';
import type { ServerEntry } from '../../server-entry.ts';
import type { Settings } from '../../settings.ts';
import { ackTimeoutMs, listenDelays, refresh } from '../../settings.ts';
import { defaultMaxConcurrent } from '../calls/call-path.ts';
import type { Limiter } from '../limiter.ts';
import type { Session, SessionOptions } from '../offer/session.ts';
import { beginSession } from '../offer/session.ts';
import type { Connect } from './connect-within.ts';
import { connectWithin } from './connect-within.ts';

export interface OpenServerOptions {
  readonly entry: ServerEntry;
  /** How its target is reached. */
  readonly connect: Connect;
  readonly settings: Settings;
  readonly caller: Caller;
  readonly limiter: Limiter;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
  /** An attempt was given up that may hold on to something until this is over. */
  readonly onLeft: (over: Promise<void>) => void;
  /** What it offers changed since. */
  readonly onOffer: (offer: Offer) => void;
}

export interface OpenServer {
  readonly connection: Connection;
  /** Ends with the connection. */
  readonly session: Session;
}

/** One attempt: waits for its turn, connects, and learns what the server offers. Rejects leaving nothing behind. */
export async function openServer(options: OpenServerOptions): Promise<OpenServer> {
  const { connect, limiter, signal } = options;
  const leave = await limiter.enter(signal);
  try {
    const connection = await connectWithin(connect, { ...connectOptions(options), signal }, options.onLeft);
    return { connection, session: await learn(connection, options) };
  } finally {
    leave();
  }
}

async function learn(connection: Connection, options: OpenServerOptions): Promise<Session> {
  const { entry, signal } = options;
  const ending = new AbortController();
  const end = (reason: unknown): void => ending.abort(reason);
  void connection.closed.then((reason) => end(reason ?? closed(entry.id)));
  const giveUp = (): void => end(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    signal.throwIfAborted();
    const session = await beginSession(connection, sessionOptions(options, ending.signal));
    ending.signal.throwIfAborted();
    return session;
  } catch (error) {
    end(error);
    await connection.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function closed(upstream: string): ToolyardError {
  return new ToolyardError('UPSTREAM_CLOSED', { upstream }, `${upstream} was closed.`);
}

/** What of a connection is kept for subscriptions and for what is asked on our own account, so that no call is refused which the bulkhead lets in. */
const roomBesideCalls = 1_024;

type BoundedConnectOptions = ConnectOptions & { readonly connectTimeoutMs: number };

function connectOptions({ entry, settings }: OpenServerOptions): BoundedConnectOptions {
  const { given } = settings;
  const live = settings.live.current;
  const timeoutMs = entry.timeoutMs ?? live.timeoutMs;
  const maxTimeoutMs = entry.maxTimeoutMs ?? live.maxTimeoutMs;
  return {
    upstream: entry.id,
    clientInfo: settings.clientInfo,
    connectTimeoutMs: entry.connectTimeoutMs ?? live.connectTimeoutMs,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(maxTimeoutMs !== undefined && { maxTimeoutMs }),
    ...(given.maxMessageBytes !== undefined && { maxMessageBytes: given.maxMessageBytes }),
    maxInFlight: given.maxInFlight ?? (entry.calls?.maxConcurrent ?? defaultMaxConcurrent) + roomBesideCalls,
    onLog: (line, level) => given.onLog?.(entry.id, line, level),
  };
}

function sessionOptions({ entry, settings, caller, onOffer }: OpenServerOptions, signal: AbortSignal): SessionOptions {
  const { naming, limits, listTimeoutMs, now, random } = settings;
  return {
    upstream: entry.id,
    caller,
    limits,
    nameOf: (kind, key) =>
      naming === 'prefixed' && (kind === 'tools' || kind === 'prompts') ? exposedName(entry.id, key) : key,
    listTimeoutMs,
    ackTimeoutMs,
    refresh,
    delays: listenDelays,
    now,
    random,
    signal,
    onOffer,
  };
}
