import { cancelled } from '../../../abort.ts';
import type { Call } from '../../../call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { Reply } from '../../../reply.ts';
import type { Connection, Peer } from '../../../transport.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import type { Channel } from '../channel.ts';

export interface ChannelConnectionParts {
  readonly channel: Channel;
  readonly options: PipeConnectOptions;
  readonly revision: string;
  /** Called only while the channel is up and somebody waits. */
  readonly answer: (call: Call) => Promise<Reply>;
}

/** The `Connection` over a channel whose era is known. */
export function channelConnection({ channel, options, revision, answer }: ChannelConnectionParts): Connection {
  const pid = options.pid?.();
  const peer: Peer = { revision, wire: options.wire, ...(pid !== undefined && { pid }) };
  const close = (): Promise<void> => channel.close(closedHere(options.upstream));
  return {
    async service(call) {
      if (channel.gone !== undefined) throw channel.gone;
      if (call.signal.aborted) throw cancelled(call.signal);
      return answer(call);
    },
    peer,
    closed: channel.closed,
    close,
    [Symbol.asyncDispose]: close,
  };
}

export function closedHere(upstream: string): ToolyardError<'CLOSED'> {
  return new ToolyardError('CLOSED', { what: upstream }, `The connection to ${upstream} is closed.`);
}
