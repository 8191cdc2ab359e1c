import { cancelled } from '../../abort.ts';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { Connection } from '../../transport.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { connectSessions } from '../legacy/client/client.ts';
import type { SessionPipe } from '../legacy/client/session-pipe.ts';
import type { SessionPoolOptions } from '../legacy/client/sessions/session-pool-options.ts';
import { httpClientPipe } from '../legacy/http/http-client-pipe.ts';
import { openSseClient } from '../legacy/http/sse-client-pipe.ts';
import { ModernHttpConnection } from '../modern/http/http-connection.ts';
import type { PipeConnectOptions } from '../pipe/pipe-options.ts';
import { probeHttp } from './detect-http.ts';
import type { EraMemory } from '../era-memory.ts';
import { malformedError } from './http-errors.ts';
import type { HttpExchange } from './http-exchange.ts';

export interface HttpConnectOptions extends Omit<PipeConnectOptions, 'wire' | 'pid' | 'probeTimeoutMs' | 'remember'> {
  /** The URL: under it the era is remembered, and places that the server names are read relative to it. */
  readonly endpoint: string;
  readonly eras: EraMemory;
  /** Sent with every request, after the headers the protocol needs: name, value, name, value. */
  readonly headers?: readonly string[];
}

const defaultConnectTimeoutMs = 30_000;

/**
 * Connects to a server over Streamable HTTP, or HTTP+SSE of 2024-11-05, whatever revision it speaks (spec: basic/versioning, basic/transports).
 *
 * `open` gives an exchange with the endpoint; each one is closed here. A server remembered as an older one is not probed; where it then refuses
 * the handshake, the verdict is dropped and it is. Rejects as `Transport.connect` does, and with `UPSTREAM_STATUS` for a bare HTTP refusal.
 */
export async function connectHttp(open: () => HttpExchange, options: HttpConnectOptions): Promise<Connection> {
  const { upstream, connectTimeoutMs = defaultConnectTimeoutMs } = options;
  const deadlineMs = performance.now() + connectTimeoutMs;
  const given = new AbortController();
  const signal = options.signal;
  const giveUp = (): void => given.abort(signal === undefined ? undefined : cancelled(signal));
  if (signal?.aborted === true) throw cancelled(signal);
  signal?.addEventListener('abort', giveUp);
  const timer = setTimeout(() => given.abort(late(upstream, connectTimeoutMs)), connectTimeoutMs);
  try {
    return await connectKnown(open, options, given.signal, deadlineMs);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

async function connectKnown(
  open: () => HttpExchange,
  options: HttpConnectOptions,
  signal: AbortSignal,
  deadlineMs: number,
): Promise<Connection> {
  const { endpoint, eras } = options;
  const attempt: LegacyAttempt = { open, options, signal, deadlineMs };
  const known = eras.recall(endpoint);
  if (known === 'legacy') {
    try {
      return await shakeHands(open(), attempt);
    } catch (error) {
      if (!refusesHandshake(error)) throw error;
      eras.forget(endpoint);
    }
  }
  if (known === 'http+sse') {
    const connection = await connectSse(attempt);
    if (connection !== undefined) return connection;
    eras.forget(endpoint);
  }
  const exchange = open();
  try {
    const headers = options.headers ?? [];
    const era = await probeHttp(exchange, {
      upstream: options.upstream,
      clientInfo: RawObject.of(options.clientInfo),
      headers,
      signal,
    });
    if (era === 'modern') {
      eras.remember(endpoint, 'modern');
      return new ModernHttpConnection(exchange, { ...options, headers, onContradiction: () => eras.forget(endpoint) });
    }
  } catch (error) {
    await exchange.close();
    throw error;
  }
  return connectOlder(exchange, attempt);
}

/** One attempt to connect to a server of which it is known that it does not speak 2026-07-28. */
interface LegacyAttempt {
  readonly open: () => HttpExchange;
  readonly options: HttpConnectOptions;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

/** A server whose endpoint does not know `initialize` either may speak HTTP+SSE (spec: basic/transports, backwards compatibility). */
async function connectOlder(exchange: HttpExchange, attempt: LegacyAttempt): Promise<Connection> {
  const { endpoint, eras } = attempt.options;
  let declined: number | undefined;
  try {
    const connection = await shakeHands(exchange, attempt, (status) => (declined ??= status));
    eras.remember(endpoint, 'legacy');
    return connection;
  } catch (error) {
    if (declined === undefined || !refusals.has(declined)) throw error;
    const connection = await connectSse(attempt);
    if (connection === undefined) throw error;
    eras.remember(endpoint, 'http+sse');
    return connection;
  }
}

function shakeHands(
  exchange: HttpExchange,
  attempt: LegacyAttempt,
  onDeclined?: (status: number) => void,
): Promise<Connection> {
  const { upstream, headers = [], onLog } = attempt.options;
  const again = (): Promise<SessionPipe> =>
    Promise.resolve(httpClientPipe(attempt.open(), { upstream, headers, onLog }));
  return converse(
    httpClientPipe(exchange, { upstream, headers, onLog, onDeclined }),
    again,
    attempt,
    'streamable-http',
  );
}

/** Resolves with `undefined` where the server has no stream of that kind. */
async function connectSse(attempt: LegacyAttempt): Promise<Connection | undefined> {
  const { upstream, endpoint } = attempt.options;
  const pipe = await openSse(attempt, attempt.signal);
  const again = async (signal: AbortSignal): Promise<SessionPipe> => {
    const further = await openSse(attempt, signal);
    if (further === undefined) throw malformedError(upstream, `${endpoint} has no stream any more`);
    return further;
  };
  return pipe === undefined ? undefined : converse(pipe, again, attempt, 'http+sse');
}

async function openSse({ open, options }: LegacyAttempt, signal: AbortSignal): Promise<SessionPipe | undefined> {
  const { upstream, endpoint, headers = [] } = options;
  const exchange = open();
  const pipe = await openSseClient(exchange, { upstream, url: endpoint, headers, signal });
  if (pipe === undefined) await exchange.close();
  return pipe;
}

/** `again` makes the pipe of one more session. */
function converse(
  pipe: SessionPipe,
  again: (signal: AbortSignal) => Promise<SessionPipe>,
  { options, signal, deadlineMs }: LegacyAttempt,
  wire: string,
): Promise<Connection> {
  const firstTimeoutMs = Math.max(deadlineMs - performance.now(), 1);
  const sessions: SessionPoolOptions = { policy: wire === 'http+sse' ? 'shared' : 'profiles', ...options.sessions };
  return connectSessions(pipe, again, { ...options, sessions, signal, firstTimeoutMs, wire });
}

/** How an endpoint refuses what it does not know. */
const refusals: ReadonlySet<number> = new Set([400, 404, 405]);

/** What a server of 2026-07-28 says to `initialize`, and what others say that do not know it. */
function refusesHandshake(error: unknown): boolean {
  if (ToolyardError.is(error, 'UPSTREAM_ERROR') || ToolyardError.is(error, 'UPSTREAM_MALFORMED')) return true;
  return ToolyardError.is(error, 'UPSTREAM_STATUS') && refusals.has(error.facts.status);
}

function late(upstream: string, afterMs: number): ToolyardError<'UPSTREAM_TIMEOUT'> {
  const facts = { upstream, method: 'server/discover', afterMs };
  return new ToolyardError('UPSTREAM_TIMEOUT', facts, `${upstream} did not answer within ${afterMs} ms.`);
}
