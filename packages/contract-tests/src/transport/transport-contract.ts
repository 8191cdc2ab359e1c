import type { Cases, Gaps } from '../contract.ts';
import { registerContract } from '../contract.ts';
import { cancellation } from './cases/cancellation.ts';
import { hostile } from './cases/hostile.ts';
import { leftovers } from './cases/leftovers.ts';
import { lifecycle } from './cases/lifecycle.ts';
import { limits } from './cases/limits.ts';
import { order } from './cases/order.ts';
import { replies } from './cases/replies.ts';
import { subscriptions } from './cases/subscriptions.ts';
import type { TransportRig } from './rig.ts';

export const transportCases: Cases<TransportRig> = {
  ...replies,
  ...order,
  ...cancellation,
  ...limits,
  ...hostile,
  ...lifecycle,
  ...subscriptions,
  ...leftovers,
};

/**
 * Proves that a transport keeps `transport/1`. To be called at the top of a vitest file.
 *
 * `open` makes a rig for one case; `gaps` names the cases that the transport does not pass, with the reason.
 */
export function transportContract(
  name: string,
  open: () => Promise<TransportRig> | TransportRig,
  gaps: Gaps = {},
): void {
  registerContract(`${name} keeps transport/1`, transportCases, open, gaps);
}
