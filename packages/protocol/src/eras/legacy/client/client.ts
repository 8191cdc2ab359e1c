import type { Pipe } from '../../../pipe.ts';
import type { Connection } from '../../../transport.ts';
import { Attempt } from '../../channel/attempt.ts';
import { clientChannel } from '../../channel/client-channel.ts';
import { closedHere } from '../../channel/connection.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import { legacyConnection } from './handshake.ts';

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
export async function connectLegacy(pipe: Pipe, options: PipeConnectOptions): Promise<Connection> {
  const attempt = new Attempt(options);
  const channel = clientChannel(pipe, options);
  try {
    return await legacyConnection(attempt, channel, options);
  } catch (error) {
    await channel.close(closedHere(options.upstream));
    throw attempt.failure(error);
  }
}
