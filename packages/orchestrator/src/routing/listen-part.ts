import type { BackoffOptions, Call, Notification, RawJson } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import type { Upstream } from '../catalogue/upstream.ts';
import { keepListening } from '../fleet/keep-listening.ts';
import type { ListenFilter } from './listen-filter.ts';
import { writeListenFilter } from './listen-filter.ts';

export interface ListenPartOptions {
  readonly upstream: Upstream;
  /** What this server is asked for. */
  readonly filter: ListenFilter;
  readonly call: Call;
  /** Ends the part. */
  readonly signal: AbortSignal;
  readonly delays: BackoffOptions;
  readonly random: () => number;
  readonly now: () => number;
  /** Whether everything it tells is passed on, or only updates of resources. */
  readonly everything: boolean;
  readonly tell: (notification: Notification) => Promise<void>;
}

const updated = 'notifications/resources/updated';
const listChanged = /^notifications\/(tools|prompts|resources)\/list_changed$/;
const nothing: ListenFilter = { flags: new Set(), uris: [], rest: RawObject.empty };

/**
 * Keeps the part of a subscription that one server has to tell. Resolves with what it honoured, for a server that is down with all of it:
 * it is asked when it comes back. After an absence every URI is told as updated, since nobody knows what was missed.
 */
export function listenPart(options: ListenPartOptions): Promise<ListenFilter> {
  const { upstream, filter, call, signal, tell } = options;
  const honoured = Promise.withResolvers<ListenFilter>();
  let wasUp = upstream.up;
  void keepListening({
    upstream,
    call: {
      ...call,
      signal,
      deadlineMs: undefined,
      params: call.params.with('notifications', writeListenFilter(filter)),
    },
    delays: options.delays,
    random: options.random,
    now: options.now,
    async onAck(answer, again) {
      const taken = intersection(filter, answer);
      honoured.resolve(taken);
      if (again || !wasUp) for (const uri of taken.uris) await tell({ method: updated, params: RawObject.of({ uri }) });
      wasUp = true;
    },
    async onEvent(notification) {
      if (notification.method === updated || (options.everything && !listChanged.test(notification.method)))
        await tell(notification);
    },
  }).then(() => honoured.resolve(nothing));
  if (!wasUp) honoured.resolve(filter);
  return honoured.promise;
}

/** What of the filter an acknowledgement names. */
function intersection(filter: ListenFilter, answer: RawObject): ListenFilter {
  const named = new Set(answer.array('resourceSubscriptions')?.map(({ value }) => value));
  const rest: Record<string, RawJson> = {};
  for (const key of filter.rest.keys()) {
    const member = answer.member(key);
    if (member !== undefined) rest[key] = member;
  }
  return { flags: new Set(), uris: filter.uris.filter((uri) => named.has(uri)), rest: RawObject.of(rest) };
}
