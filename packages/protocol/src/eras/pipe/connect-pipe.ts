import type { Pipe } from '../../pipe.ts';
import type { Connection } from '../../transport.ts';
import { createParking, type Parking } from '../bridge/parking.ts';
import type { Channel } from '../channel/channel.ts';
import { Attempt } from '../channel/client/attempt.ts';
import { clientChannel } from '../channel/client/client-channel.ts';
import { closedHere } from '../channel/client/connection.ts';
import type { LegacySession } from '../legacy/client/client-session.ts';
import { pooled } from '../legacy/client/client.ts';
import { modernPipeConnection } from '../modern/pipe/pipe-client.ts';
import { discoverFirst, initializeFirst } from './find-era.ts';
import { rememberInitializeFirst, saysInitializeFirst } from './initialize-first.ts';
import type { PipeConnectOptions } from './pipe-options.ts';

/**
 * Connects to the server at the other end of a pipe, whatever revision it speaks (spec: basic/versioning, stdio).
 *
 * Asks `server/discover` first. A discovery, or an error that only revision 2026-07-28 knows, means that revision; any other answer means
 * `initialize` on the same pipe. A server that stays silent for `probeTimeoutMs` gets `initialize` on the same pipe as well, and all the time that is left: a handshake
 * means an older revision, and where it is refused the discovery counts, which may come late. Where the pipe ends, `open` is called a second time and `initialize` is
 * the first message there, as it is from the start for a server that `remember` knows; one that refuses it is asked `server/discover` after all.
 * With the sessions policy `profiles` it is called later, too, for a server of an older revision. Each pipe that `open` resolves with is closed here, also one that comes after the attempt has ended.
 *
 * Rejects as `Transport.connect` does; an error that `open` rejects with passes through unchanged.
 */
export async function connectPipe(open: () => Promise<Pipe>, given: PipeConnectOptions): Promise<Connection> {
  const options = { ...given, parking: given.parking ?? createParking() };
  const attempt = new Attempt(options);
  const isKnown = saysInitializeFirst(options);
  let channel: Channel | undefined;
  try {
    channel = clientChannel(await attempt.open(open), options);
    let found = isKnown
      ? await initializeFirst(attempt, channel, options, true)
      : await discoverFirst(attempt, channel, options);
    if (found === 'gone') {
      await channel.close(closedHere(options.upstream));
      channel = clientChannel(await attempt.open(open), options);
      rememberInitializeFirst(options);
      found = await initializeFirst(attempt, channel, options, false);
    }
    return found === 'modern' ? modernPipeConnection(channel, options) : withSessions(found, open, options);
  } catch (error) {
    const failure = attempt.failure(error);
    options.onFailing?.(failure);
    await channel?.close(closedHere(options.upstream));
    throw failure;
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
