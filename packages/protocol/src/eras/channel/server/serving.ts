import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { toWireError } from '../../../errors/wire-error.ts';
import type { Pipe } from '../../../pipe.ts';
import { defaultMaxInFlight, defaultMaxPendingBytes } from '../../defaults.ts';
import type { PipeServeOptions, Serving } from '../../pipe/pipe-options.ts';
import { Channel } from '../channel.ts';
import { ServedCalls } from './served-calls.ts';

const defaultMaxMessageBytes = 4 * 1024 * 1024;
/** Questions to one client that wait for its answer. */
const maxQuestions = 1_024;

/** The channel to a client and its calls, with what is the same in both eras. */
export function serveChannel(
  pipe: Pipe,
  options: PipeServeOptions,
): { readonly channel: Channel; readonly calls: ServedCalls } {
  const {
    maxMessageBytes = defaultMaxMessageBytes,
    maxInFlight = defaultMaxInFlight,
    maxPendingBytes = defaultMaxPendingBytes,
  } = options;
  const channel: Channel = new Channel(pipe, {
    upstream: 'client',
    maxMessageBytes,
    maxInFlight: maxQuestions,
    pauseAboveBytes: maxPendingBytes,
    // An answer is never answered, however bad: an endless exchange of complaints would follow.
    broken: (error, { id, answers }) => void (answers || channel.replyError(id, toWireError(error).error)),
  });
  return { channel, calls: new ServedCalls(channel, { maxInFlight, maxPendingBytes }) };
}

/** The life of what serves one client. `release` ends what the era keeps beside calls. */
export function servingOf(channel: Channel, calls: ServedCalls, release: () => void): Serving {
  let closing: Promise<void> | undefined;
  const hurry = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let untilMs = Infinity;
  void channel.closed.then(release);

  return {
    closed: channel.closed,
    close({ drainMs = 0 } = {}) {
      hasten(drainMs);
      return (closing ??= close());
    },
    [Symbol.asyncDispose]() {
      return this.close();
    },
  };

  async function close(): Promise<void> {
    // Made no sooner: an error holds what made it, which for an idle session would be the request that opened it.
    const closed = new ToolyardError('CLOSED', { what: 'server' }, 'The server is closing.');
    await Promise.race([calls.drain(closed), hurry.promise, channel.closed]);
    clearTimeout(timer);
    calls.abort(closed);
    release();
    await channel.close(closed);
  }

  function hasten(drainMs: number): void {
    const wantedMs = performance.now() + drainMs;
    if (wantedMs >= untilMs) return;
    untilMs = wantedMs;
    clearTimeout(timer);
    if (drainMs <= 0) hurry.resolve();
    else timer = setTimeout(() => hurry.resolve(), drainMs);
  }
}
