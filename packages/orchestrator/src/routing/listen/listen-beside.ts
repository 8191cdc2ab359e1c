import type { BackoffOptions, Call, RawJson } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { kinds, listKinds } from '../../catalogue/kinds.ts';
import type { Upstream } from '../../catalogue/upstream.ts';
import { keepListening } from '../../listening/keep-listening.ts';
import type { Outbox } from '../../listening/outbox.ts';
import { taskMethod, updatedMethod } from '../../listening/topics.ts';

export interface ListenBesideOptions {
  readonly upstream: Upstream;
  /** What the server is asked for. */
  readonly filter: RawObject;
  readonly call: Call;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly outbox: Outbox;
  readonly delays: BackoffOptions;
  readonly random: () => number;
  readonly now: () => number;
}

/** What is told from the catalogue, and by the feeds. */
const toldElsewhere: ReadonlySet<string> = new Set([
  taskMethod,
  updatedMethod,
  ...kinds.map((kind) => listKinds[kind].changed),
]);

/**
 * Asks the one server for members of a filter that nobody here understands, in the caller's own name and for the caller alone.
 * Resolves with what it honoured; for a server that is down with all of it.
 */
export function listenBeside(options: ListenBesideOptions): Promise<RawObject> {
  const { upstream, filter, call, signal, outbox } = options;
  const honoured = Promise.withResolvers<RawObject>();
  let told = 0;
  if (!upstream.up) honoured.resolve(filter);
  void keepListening({
    ...options,
    call: { ...call, signal, deadlineMs: undefined, params: call.params.with('notifications', filter) },
    onAck: (answer) => honoured.resolve(intersection(filter, answer)),
    async onEvent(notification) {
      const { method } = notification;
      if (toldElsewhere.has(method)) return;
      outbox.put({ key: `beside:${told++}`, notification });
      await outbox.empty();
    },
  }).then(() => honoured.resolve(RawObject.empty));
  return honoured.promise;
}

/** What of the filter an acknowledgement names. */
function intersection(filter: RawObject, answer: RawObject): RawObject {
  const members: Record<string, RawJson> = {};
  for (const key of filter.keys()) {
    const member = answer.member(key);
    if (member !== undefined) members[key] = member;
  }
  return RawObject.of(members);
}
