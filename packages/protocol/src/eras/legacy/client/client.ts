import type { Connection } from '../../../transport.ts';
import { createParking, type Parking } from '../../bridge/parking.ts';
import { Attempt } from '../../channel/client/attempt.ts';
import { clientChannel } from '../../channel/client/client-channel.ts';
import { closedHere } from '../../channel/client/connection.ts';
import { defaultMaxInFlight } from '../../defaults.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import type { LegacySession } from './client-session.ts';
import { legacyConnection, type SessionTraits } from './handshake.ts';
import type { SessionPipe } from './session-pipe.ts';
import { sessionPool } from './sessions/session-pool.ts';

/**
 * Opens a session of the revisions 2024-11-05 to 2025-11-25 over any channel that is shaped as a pipe, and makes a 2026-07-28 service of it.
 *
 * The pipe must not have been started. Over Streamable HTTP `send` is a POST (an answer to a server's question carries that question's id as `about`),
 * and what arrives in the response to a POST is delivered with `about` = the id of the request that was posted; what comes by the GET stream, without.
 * Where `about` is known, questions and log messages find their call however many are in flight. A `send` that rejects fails the call it carried with
 * that very error if it is a `ToolyardError`, at any time before its reply: so a lost POST, or a response stream that ended early, is reported.
 *
 * Rejects as `Transport.connect` does, with the pipe closed.
 */
export function connectLegacy(pipe: SessionPipe, options: PipeConnectOptions): Promise<Connection> {
  return openSession(pipe, options);
}

/**
 * The same with as many sessions as `options.sessions` says; `open` makes the pipes of those beside the first, not started. `firstTimeoutMs` bounds
 * the handshake of the first where that is less than `connectTimeoutMs`. A session that the server
 * has forgotten is opened anew, once, and what was refused for it, or is safe to repeat, is called again.
 */
export async function connectSessions(
  pipe: SessionPipe,
  open: (signal: AbortSignal) => Promise<SessionPipe>,
  given: PipeConnectOptions & { readonly firstTimeoutMs?: number },
): Promise<Connection> {
  const { firstTimeoutMs, ...options } = given;
  const { parking = createParking() } = options;
  const first = await openSession(pipe, {
    ...options,
    parking,
    ...(firstTimeoutMs !== undefined && { connectTimeoutMs: firstTimeoutMs }),
  });
  return pooled(first, open, { ...options, parking, isolated: false });
}

/** Puts sessions beside one that is open already. Calls of all of them wait in `options.parking`, which the first must have been given too. */
export function pooled(
  first: LegacySession,
  open: (signal: AbortSignal) => Promise<SessionPipe>,
  options: PipeConnectOptions & { readonly parking: Parking; readonly isolated: boolean },
): Connection {
  const { upstream, sessions = {} } = options;
  return sessionPool({
    upstream,
    first,
    isolated: options.isolated,
    // As many as may be in flight.
    maxWaiting: options.maxInFlight ?? defaultMaxInFlight,
    options: sessions,
    async open(traits, signal) {
      const further: PipeConnectOptions = { ...options, signal };
      return openSession(await new Attempt(further).open(() => open(signal)), further, traits);
    },
  });
}

async function openSession(
  pipe: SessionPipe,
  options: PipeConnectOptions,
  traits?: Pick<SessionTraits, 'capabilities' | 'shared'>,
): Promise<LegacySession> {
  const attempt = new Attempt(options);
  const channel = clientChannel(pipe, options);
  try {
    return await legacyConnection(attempt, channel, options, { ...traits, hears: () => pipe.hears !== false });
  } catch (error) {
    await channel.close(closedHere(options.upstream));
    throw attempt.failure(error);
  }
}
