import type { BackoffOptions, Caller, Connection } from '@toolyard/protocol';
import { createCall } from '@toolyard/protocol';
import type { ChangeFlag, Kind } from '../../catalogue/kinds.ts';
import { kinds, listKinds } from '../../catalogue/kinds.ts';
import type { Discovery, Offer } from '../../catalogue/upstream.ts';
import type { Limits } from '../../limits.ts';
import { fetchDiscovery, fetchLists, listsOf, updatedOffer } from './fetch-offer.ts';
import { keepListening } from '../../listening/keep-listening.ts';
import { pause } from '../../waiting/pause.ts';
import { createRefresher } from './refresher.ts';

export interface SessionOptions {
  readonly upstream: string;
  readonly caller: Caller;
  readonly limits: Limits;
  readonly nameOf: (kind: Kind, key: string) => string;
  /** Bound on each list, all its pages together. */
  readonly listTimeoutMs: number;
  /** How long the first fetch waits for the server to acknowledge that it will tell of changes. */
  readonly ackTimeoutMs: number;
  /** See `RefresherOptions`. */
  readonly refresh: { readonly delayMs: number; readonly gapMs: number };
  readonly delays: BackoffOptions;
  readonly now: () => number;
  readonly random: () => number;
  /** Lists were fetched again. Not called before the session has begun. */
  readonly onOffer: (offer: Offer) => void;
  /** Ends the session. */
  readonly signal: AbortSignal;
}

/** What is known of a server, and kept up to date, while one connection lasts. */
export interface Session {
  readonly offer: Offer;
  tells(flag: ChangeFlag): boolean;
  revalidate(kind: Kind): void;
}

/**
 * Asks a server what it offers, and has it tell of changes first, so that none falls between.
 * A list that fails is asked for again later; rejects when nothing could be learnt at all.
 */
export async function beginSession(
  { service }: Pick<Connection, 'service'>,
  options: SessionOptions,
): Promise<Session> {
  const { signal, onOffer } = options;
  const fetching = { ...options, service, timeoutMs: options.listTimeoutMs };
  const discovery = await fetchDiscovery(fetching);
  const wanted = listsOf(discovery);
  const begun = Promise.withResolvers<Offer>();
  let latest: Offer | undefined;
  const refresher = createRefresher({
    ...options,
    ...options.refresh,
    async fetch(asked) {
      const before = latest ?? (await begun.promise);
      const fetched = await fetchLists(asked, fetching);
      if (signal.aborted) return new Set();
      latest = updatedOffer(before, discovery, asked, fetched);
      onOffer(latest);
      return new Set(fetched.failed.keys());
    },
  });
  const want = (flag: ChangeFlag): void => {
    for (const kind of wanted) if (listKinds[kind].flag === flag) refresher.want(kind);
  };
  const told = await hearChanges({ service, discovery, want, options });
  const first = await fetchLists(wanted, fetching);
  const [failure] = first.failed.values();
  if (first.lists.size === 0 && failure !== undefined) throw failure;
  const offer = updatedOffer(undefined, discovery, wanted, first);
  latest = offer;
  begun.resolve(offer);
  for (const kind of first.failed.keys()) refresher.want(kind);
  return {
    offer,
    tells: (flag) => told.has(flag),
    revalidate: (kind) => {
      if (wanted.includes(kind)) refresher.want(kind);
    },
  };
}

interface HearChangesOptions {
  readonly service: Connection['service'];
  readonly discovery: Discovery;
  readonly want: (flag: ChangeFlag) => void;
  readonly options: SessionOptions;
}

/** Subscribes to the changes that the server says it tells of. Resolves, soon, with what it tells of at any time. */
async function hearChanges({
  service,
  discovery,
  want,
  options,
}: HearChangesOptions): Promise<ReadonlySet<ChangeFlag>> {
  const told = new Set<ChangeFlag>();
  const flags = changesOf(discovery);
  if (flags.size === 0) return told;
  const acknowledged = Promise.withResolvers<void>();
  let late = false;
  const params = { notifications: Object.fromEntries([...flags].map((flag) => [flag, true])) };
  const listening = keepListening({
    ...options,
    upstream: { service, whenUp: () => Promise.resolve() },
    call: createCall('subscriptions/listen', { ...options, params }),
    onAck(honoured, again) {
      for (const flag of flags) if (honoured.member(flag)?.value === true) told.add(flag);
      if (again || late) for (const flag of told) want(flag);
      acknowledged.resolve();
    },
    onEvent({ method }) {
      for (const kind of kinds)
        if (listKinds[kind].changed === method && told.has(listKinds[kind].flag)) want(listKinds[kind].flag);
      return Promise.resolve();
    },
    onGap: () => told.clear(),
  });
  const patience = new AbortController();
  const waiting = pause(options.ackTimeoutMs, AbortSignal.any([options.signal, patience.signal])).then(
    () => void (late = true),
    () => undefined,
  );
  await Promise.race([acknowledged.promise, listening, waiting]);
  patience.abort();
  return told;
}

function changesOf({ capabilities }: Discovery): ReadonlySet<ChangeFlag> {
  const telling = kinds.filter(
    (kind) => capabilities.object(listKinds[kind].capability)?.member('listChanged')?.value === true,
  );
  return new Set(telling.map((kind) => listKinds[kind].flag));
}
