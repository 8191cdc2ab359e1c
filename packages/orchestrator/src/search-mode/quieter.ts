import type { Call, Notification, RawObject } from '@toolyard/protocol';
import { fingerprint } from '../catalogue/entries/fingerprint.ts';
import { listKinds } from '../catalogue/kinds.ts';

/**
 * A subscription that hears of a changed list of tools only when what is listed changed: behind the meta-tools, tools come and go unseen.
 * `shown`: what is listed now, `undefined` where it is the tools themselves, of which every change is told.
 */
export function quieter(call: Call, shown: () => Promise<readonly RawObject[] | undefined>): Call {
  let told = look(shown);
  return {
    ...call,
    async notify(notification: Notification) {
      if (notification.method === listKinds.tools.changed) {
        const before = told;
        // Set before anything is awaited: another change may be told meanwhile.
        const now = before.then(() => look(shown));
        told = now;
        if ((await now) !== undefined && (await now) === (await before)) return;
      }
      await call.notify(notification);
    },
  };
}

/** `undefined` where every change is told. */
async function look(shown: () => Promise<readonly RawObject[] | undefined>): Promise<string | undefined> {
  const definitions = await shown().catch(() => undefined);
  return definitions === undefined ? undefined : fingerprint(definitions.map(({ bytes }) => bytes));
}
