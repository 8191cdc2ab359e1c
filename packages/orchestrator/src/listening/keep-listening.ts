import type { BackoffOptions, Call, Notification } from '@toolyard/protocol';
import { backoffMs, RawObject, ToolyardError } from '@toolyard/protocol';
import type { Upstream } from '../catalogue/upstream.ts';
import { errorCode, isMethodUnknown } from '../fleet/server-errors.ts';
import { pause } from '../waiting/pause.ts';

export interface KeepListeningOptions {
  readonly upstream: Pick<Upstream, 'service' | 'whenUp'>;
  /** The `subscriptions/listen` call without its `notify`. Its signal ends the listening. */
  readonly call: Omit<Call, 'notify'>;
  readonly delays: BackoffOptions;
  readonly random: () => number;
  readonly now: () => number;
  /** The server took the subscription, or the honoured part of it. `again`: it had before, and events may have been missed since. */
  onAck(honoured: RawObject, again: boolean): Promise<void> | void;
  onEvent(notification: Notification): Promise<void> | void;
  /** It listens no longer, until the next `onAck`. */
  onGap?(): void;
}

/** `ended`: by the call's signal. `refused`: the server wants no such subscription. `unsupported`: it knows no subscriptions at all. */
export type ListeningEnd = 'ended' | 'refused' | 'unsupported';

/** How long a subscription must have been open for its end to count as the first again. */
const stableMs = 10_000;

/**
 * Keeps a subscription with a server open, across its ends and the server's absences.
 * Never rejects.
 */
export async function keepListening(options: KeepListeningOptions): Promise<ListeningEnd> {
  const { upstream, call } = options;
  let acks = 0;
  let ends = 0;
  while (!call.signal.aborted) {
    const acksBefore = acks;
    let openedMs = Number.POSITIVE_INFINITY;
    try {
      await upstream.whenUp(call.signal);
      openedMs = options.now();
      await upstream.service({
        ...call,
        notify: async (notification) => {
          if (call.signal.aborted) return;
          if (notification.method === 'notifications/subscriptions/acknowledged') {
            await options.onAck(notification.params.object('notifications') ?? RawObject.empty, acks++ > 0);
          } else {
            await options.onEvent(notification);
          }
        },
      });
    } catch (error) {
      if (isMethodUnknown(error)) return 'unsupported';
      if (isRefusal(error)) return 'refused';
      // What else went wrong is the connection's affair: its keeper sees it too, and the next attempt tells.
    }
    if (acks > acksBefore) options.onGap?.();
    // One that is opened and ended again and again is a failure too.
    if (options.now() - openedMs >= stableMs) ends = 0;
    await pause(backoffMs(++ends, { ...options.delays, random: options.random }), call.signal).catch(() => undefined);
  }
  return 'ended';
}

const refusals = new Set([-32600, -32602]);

function isRefusal(error: unknown): boolean {
  if (ToolyardError.is(error, 'INVALID_PARAMS')) return true;
  return ToolyardError.is(error, 'UPSTREAM_ERROR') && refusals.has(errorCode(error.facts.error) ?? 0);
}
