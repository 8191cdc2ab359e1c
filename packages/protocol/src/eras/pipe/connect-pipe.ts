import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { Pipe } from '../../pipe.ts';
import type { Connection } from '../../transport.ts';
import { createParking, type Parking } from '../bridge/parking.ts';
import type { Channel } from '../channel/channel.ts';
import { Attempt } from '../channel/client/attempt.ts';
import { clientChannel } from '../channel/client/client-channel.ts';
import { closedHere } from '../channel/client/connection.ts';
import type { LegacySession } from '../legacy/client/client-session.ts';
import { pooled } from '../legacy/client/client.ts';
import { legacyConnection } from '../legacy/client/handshake.ts';
import { modernPipeConnection } from '../modern/pipe/pipe-client.ts';
import { probe } from './detect-pipe.ts';
import type { PipeConnectOptions } from './pipe-options.ts';

/**
 * Connects to the server at the other end of a pipe, whatever revision it speaks (spec: basic/versioning, stdio).
 *
 * Asks `server/discover` first. A discovery, or an error that only revision 2026-07-28 knows, means that revision; any other answer means
 * `initialize` on the same pipe. Where the pipe ends or the server stays silent, `open` is called a second time and `initialize` is
 * the first message there; a server that only was slow to start, and refuses it, is asked `server/discover` once more.
 * With the sessions policy `profiles` it is called later, too, for a server of an older revision. Each pipe that `open` resolves with is closed here, also one that comes after the attempt has ended.
 *
 * Rejects as `Transport.connect` does; an error that `open` rejects with passes through unchanged.
 */
export async function connectPipe(open: () => Promise<Pipe>, given: PipeConnectOptions): Promise<Connection> {
  const options = { ...given, parking: given.parking ?? createParking() };
  const attempt = new Attempt(options);
  let channel: Channel | undefined;
  try {
    channel = clientChannel(await attempt.open(open), options);
    const verdict = await probe(attempt, channel, options);
    if (verdict === 'modern') return modernPipeConnection(channel, options);
    if (verdict === 'legacy') return withSessions(await legacyConnection(attempt, channel, options), open, options);

    await channel.close(closedHere(options.upstream));
    channel = clientChannel(await attempt.open(open), options);
    try {
      return withSessions(await legacyConnection(attempt, channel, options), open, options);
    } catch (error) {
      const slowModern = verdict === 'silent' && ToolyardError.is(error, 'UPSTREAM_ERROR');
      if (slowModern && (await probe(attempt, channel, options, 'unbounded')) === 'modern')
        return modernPipeConnection(channel, options);
      throw error;
    }
  } catch (error) {
    await channel?.close(closedHere(options.upstream));
    throw attempt.failure(error);
  }
}

/** One session serves all callers unless asked otherwise: each further one is a pipe more, and with stdio a process. */
function withSessions(
  first: LegacySession,
  open: () => Promise<Pipe>,
  options: PipeConnectOptions & { readonly parking: Parking },
): Connection {
  return options.sessions?.policy === 'profiles' ? pooled(first, open, { ...options, isolated: true }) : first;
}
