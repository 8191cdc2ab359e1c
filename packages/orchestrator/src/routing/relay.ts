import type { Call, RawObject, Reply } from '@toolyard/protocol';
import type { Upstream } from '../catalogue/upstream.ts';

/** Sends a call on to one server, with other params where its name had to be put back. What flows beside it (progress, log, cancellation) flows through. */
export type Relay = (upstream: Upstream, call: Call, params?: RawObject) => Promise<Reply>;

/** Relays as it came. */
export const relayWhole: Relay = (upstream, call, params) =>
  upstream.service(params === undefined ? call : { ...call, params });
