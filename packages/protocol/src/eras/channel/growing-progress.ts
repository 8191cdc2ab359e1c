import type { Call } from '../../call.ts';

/**
 * The same call for a service that is called several times for one request of its caller: each time begins counting anew, and what the caller
 * is told must grow (spec: basic/patterns/progress), so reports that do not are dropped.
 */
export function withGrowingProgress(call: Call): Call {
  if (call.progressToken === undefined) return call;
  let reached = -Infinity;
  return {
    ...call,
    notify(notification) {
      if (notification.method === 'notifications/progress') {
        const progress = notification.params.member('progress')?.value;
        if (typeof progress !== 'number' || !(progress > reached)) return done;
        reached = progress;
      }
      return call.notify(notification);
    },
  };
}

const done: Promise<void> = Promise.resolve();
