import type { Pipe } from '../../../pipe.ts';
import { defaultMaxInFlight } from '../../defaults.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import { Channel } from '../channel.ts';
import { Uncouth } from './uncouth.ts';

const defaultMaxMessageBytes = 16 * 1024 * 1024;
/** A server that hangs leaves requests unread long after their callers have gone. */
const maxUnreadBytes = 64 * 1024 * 1024;

/** The channel to a server, with what is the same in both eras. */
export function clientChannel(pipe: Pipe, options: PipeConnectOptions): Channel {
  const { upstream, maxMessageBytes = defaultMaxMessageBytes, maxInFlight = defaultMaxInFlight } = options;
  const channel: Channel = new Channel(pipe, {
    upstream,
    maxMessageBytes,
    maxInFlight,
    maxUnreadBytes,
    broken: (error) => uncouth.message(error),
  });
  const uncouth = new Uncouth(channel, options);
  return channel;
}
