import type { Call } from '@toolyard/protocol';

/**
 * The same call for several attempts: what a later one reports is passed on only once it is further than all before, since progress must grow
 * (spec: basic/patterns/progress). A call that wants no progress is returned as it is.
 */
export function withGrowingProgress(call: Call): Call {
  if (call.progressToken === undefined) return call;
  let furthest = -Infinity;
  return {
    ...call,
    async notify(notification) {
      if (notification.method === 'notifications/progress') {
        const progress = notification.params.member('progress')?.value;
        if (typeof progress !== 'number' || !(progress > furthest)) return;
        furthest = progress;
      }
      await call.notify(notification);
    },
  };
}
