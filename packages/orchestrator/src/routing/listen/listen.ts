import type { BackoffOptions, Call, Reply, Service } from '@toolyard/protocol';
import { RawObject, ToolyardError } from '@toolyard/protocol';
import type { Changes } from '../../catalogue/changes.ts';
import { noticesOf } from '../../catalogue/changes.ts';
import { onlyOne } from '../../catalogue/roster.ts';
import { aborted, orAborted, pause } from '../../waiting/pause.ts';
import type { Limits } from '../../limits.ts';
import type { Feeds } from '../../listening/feeds.ts';
import { Outbox } from '../../listening/outbox.ts';
import { requireTasks } from '../../tasks/extension.ts';
import { listenBeside } from './listen-beside.ts';
import type { ListenFilter } from './listen-filter.ts';
import { readListenFilter, writeListenFilter } from './listen-filter.ts';
import type { ListenPlaces } from './listen-places.ts';
import type { ListenSubjectsOptions } from './listen-subjects.ts';
import { parcelOf, splitSubjects } from './listen-subjects.ts';

export interface ListenOptions extends ListenSubjectsOptions {
  readonly changes: Changes;
  readonly feeds: Feeds;
  readonly places: ListenPlaces;
  readonly limits: Limits;
  readonly delays: BackoffOptions;
  readonly random: () => number;
  readonly now: () => number;
  /** How long the acknowledgement waits for those of the servers; who is later is missing from it, though not from what is told. */
  readonly ackTimeoutMs: number;
  /** Ends all subscriptions in good order. */
  readonly closing: AbortSignal;
}

const acknowledged = 'notifications/subscriptions/acknowledged';

/**
 * Answers `subscriptions/listen`. Changes of lists are told from the catalogue; resources and tasks by the feeds of the servers they belong to.
 * The acknowledgement comes first and names what was honoured.
 */
export function answerListen(options: ListenOptions): Service {
  return async (call) => {
    const filter = readListenFilter(call, options.limits.maxSubscribedUris);
    if (filter.taskIds.length > 0) requireTasks(call.caller);
    const leave = options.places.enter(call.caller);
    const ending = new AbortController();
    try {
      return await subscribe(call, filter, ending, options);
    } finally {
      leave();
      ending.abort();
    }
  };
}

async function subscribe(
  call: Call,
  filter: ListenFilter,
  ending: AbortController,
  options: ListenOptions,
): Promise<Reply> {
  const signal = AbortSignal.any([call.signal, options.closing, ending.signal]);
  const limitBytes = options.limits.maxPendingEventBytes;
  let tooSlow = false;
  const outbox = new Outbox({
    limitBytes,
    send: (notification) => (signal.aborted ? Promise.resolve() : call.notify(notification)),
    onOverflow() {
      tooSlow = true;
      ending.abort();
    },
  });
  const collecting = begin(call, filter, outbox, signal, options);
  try {
    const notifications = writeListenFilter({ ...(await collecting.honoured), flags: filter.flags });
    if (!signal.aborted)
      await orAborted(call.notify({ method: acknowledged, params: RawObject.of({ notifications }) }), signal);
    outbox.open();
    await aborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    collecting.stop();
    outbox.close();
  }
  if (tooSlow) {
    const message = `The caller left more than ${limitBytes} bytes of events unread.`;
    throw new ToolyardError('CALLER_TOO_SLOW', { limitBytes }, message);
  }
  if (call.signal.aborted) throw new ToolyardError('CANCELLED', {}, 'The subscription was cancelled.');
  return { result: RawObject.of({ resultType: 'complete' }) };
}

type Honoured = Pick<ListenFilter, 'uris' | 'taskIds' | 'rest'>;

/** Begins to collect what the filter asks for. `honoured` resolves with what was honoured in time. */
function begin(
  call: Call,
  filter: ListenFilter,
  outbox: Outbox,
  signal: AbortSignal,
  options: ListenOptions,
): { readonly honoured: Promise<Honoured>; stop(): void } {
  const { changes, feeds, roster, ackTimeoutMs } = options;
  const subjects = new Set<string>();
  let rest = RawObject.empty;
  const parts: Promise<unknown>[] = [];
  const stops = [
    changes.listen((changed) => {
      for (const [flag, method] of noticesOf(changed)) {
        const notification = { method, params: RawObject.empty };
        if (filter.flags.has(flag)) outbox.put({ key: flag, notification, own: true });
      }
    }),
  ];
  for (const share of splitSubjects(filter, call.caller, options)) {
    const { upstream } = share;
    const { honoured, leave } = feeds.join({
      upstream,
      caller: call.caller,
      topics: new Set(share.subjects.keys()),
      deliver(topic, notification) {
        // What is not shown any more is not told of either; it may be shown again.
        if (roster.find(upstream.id) !== undefined) outbox.put(parcelOf(topic, notification, share.subjects));
      },
    });
    stops.push(leave);
    parts.push(
      honoured.then((topics) => {
        for (const [topic, subject] of share.subjects) if (topics.has(topic)) subjects.add(topic.slice(0, 2) + subject);
      }),
    );
  }
  const only = options.naming === 'flat' ? onlyOne(options.roster) : undefined;
  if (only !== undefined && filter.rest.keys().length > 0) {
    const beside = listenBeside({ ...options, upstream: only, filter: filter.rest, call, signal, outbox });
    parts.push(beside.then((taken) => void (rest = taken)));
  }
  return {
    honoured: inTime(parts, ackTimeoutMs, signal).then(() => ({
      uris: filter.uris.filter((uri) => subjects.has(`r:${uri}`)),
      taskIds: filter.taskIds.filter((id) => subjects.has(`t:${id}`)),
      rest,
    })),
    stop: () => stops.forEach((end) => end()),
  };
}

/** Resolves when all parts have, or when it is time; rejects when the signal aborts. */
async function inTime(parts: readonly Promise<unknown>[], timeoutMs: number, signal: AbortSignal): Promise<void> {
  if (parts.length === 0) return;
  const timer = new AbortController();
  const late = pause(timeoutMs, AbortSignal.any([signal, timer.signal]));
  await Promise.race([orAborted(Promise.all(parts), signal), late]).finally(() => timer.abort());
}
