import type { BackoffOptions, Call, Notification, Reply, Service } from '@toolyard/protocol';
import { RawObject, ToolyardError } from '@toolyard/protocol';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Changes } from '../catalogue/changes.ts';
import { flagsOf } from '../catalogue/changes.ts';
import type { ChangeFlag } from '../catalogue/kinds.ts';
import type { Upstream } from '../catalogue/upstream.ts';
import { aborted, orAborted, pause } from '../fleet/pause.ts';
import type { Limits } from '../limits.ts';
import type { ListenFilter } from './listen-filter.ts';
import { readListenFilter, writeListenFilter } from './listen-filter.ts';
import { listenPart } from './listen-part.ts';

export interface ListenOptions {
  readonly upstreams: readonly Upstream[];
  readonly naming: 'prefixed' | 'flat';
  readonly catalogue: Catalogue;
  readonly changes: Changes;
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
const changeMethods: Readonly<Record<ChangeFlag, string>> = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
};

/**
 * Answers `subscriptions/listen`. Changes of lists are told from the catalogue; URIs are split among the servers they belong to,
 * and each part is kept open across its server's absences. The acknowledgement comes first and names what was honoured.
 */
export function answerListen(options: ListenOptions): Service {
  let open = 0;
  return async (call) => {
    const { limits, closing } = options;
    const filter = readListenFilter(call, limits.maxSubscribedUris);
    if (open >= limits.maxListens) {
      throw new ToolyardError('TOO_MANY_CALLS', { limit: limits.maxListens }, 'There are too many open subscriptions.');
    }
    open++;
    const ending = new AbortController();
    try {
      return await subscribe(call, filter, AbortSignal.any([call.signal, closing, ending.signal]), options);
    } finally {
      open--;
      ending.abort();
    }
  };
}

async function subscribe(
  call: Call,
  filter: ListenFilter,
  signal: AbortSignal,
  options: ListenOptions,
): Promise<Reply> {
  const started = Promise.withResolvers<void>();
  const tell = async (notification: Notification): Promise<void> => {
    await started.promise;
    if (!signal.aborted) await call.notify(notification);
  };
  const stop = tellChanges(filter.flags, options.changes, tell);
  try {
    const parts = split(filter, options).map(({ upstream, part }) =>
      listenPart({ ...options, upstream, filter: part, call, signal, tell, everything: options.naming === 'flat' }),
    );
    const honoured = await soon(parts, options.ackTimeoutMs, signal);
    const answer = writeListenFilter({ ...union(honoured), flags: filter.flags });
    if (!signal.aborted)
      await orAborted(call.notify({ method: acknowledged, params: RawObject.of({ notifications: answer }) }), signal);
    started.resolve();
    await aborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stop();
    started.resolve();
  }
  if (call.signal.aborted) throw new ToolyardError('CANCELLED', {}, 'The subscription was cancelled.');
  return { result: RawObject.of({ resultType: 'complete' }) };
}

/** Tells each wanted change, those that come while the caller is slow once. Returns what ends it. */
function tellChanges(
  wanted: ReadonlySet<ChangeFlag>,
  changes: Changes,
  tell: (notification: Notification) => Promise<void>,
): () => void {
  const due = new Set<ChangeFlag>();
  let telling = false;
  const tellDue = async (): Promise<void> => {
    telling = true;
    for (const flag of due) {
      due.delete(flag);
      await tell({ method: changeMethods[flag], params: RawObject.empty });
    }
    telling = false;
  };
  return changes.listen((changed) => {
    for (const flag of flagsOf(changed)) if (wanted.has(flag)) due.add(flag);
    if (!telling) void tellDue();
  });
}

/** Which server is asked for what. Nobody is asked for URIs that belong to no server, or to one that cannot tell of them. */
function split(
  filter: ListenFilter,
  options: ListenOptions,
): readonly { readonly upstream: Upstream; readonly part: ListenFilter }[] {
  const [only] = options.upstreams;
  const none = new Set<ChangeFlag>();
  if (options.naming === 'flat' && only !== undefined) {
    const anything = filter.uris.length > 0 || filter.rest.keys().length > 0;
    return anything ? [{ upstream: only, part: { ...filter, flags: none } }] : [];
  }
  const uris = new Map<Upstream, string[]>();
  for (const uri of filter.uris) {
    const upstream = options.catalogue.current.resources.find(uri);
    if (upstream === undefined || !canTell(upstream)) continue;
    const others = uris.get(upstream);
    if (others === undefined) uris.set(upstream, [uri]);
    else others.push(uri);
  }
  return [...uris].map(([upstream, theirs]) => ({
    upstream,
    part: { flags: none, uris: theirs, rest: RawObject.empty },
  }));
}

function canTell({ offer }: Upstream): boolean {
  return offer?.discovery.capabilities.object('resources')?.member('subscribe')?.value === true;
}

/** The parts that were honoured in time. */
async function soon(
  parts: readonly Promise<ListenFilter>[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly ListenFilter[]> {
  if (parts.length === 0) return [];
  const honoured: ListenFilter[] = [];
  const all = Promise.all(parts.map(async (part) => honoured.push(await part)));
  const timer = new AbortController();
  await Promise.race([orAborted(all, signal), pause(timeoutMs, AbortSignal.any([signal, timer.signal]))]).finally(() =>
    timer.abort(),
  );
  return [...honoured];
}

function union(parts: readonly ListenFilter[]): Pick<ListenFilter, 'uris' | 'rest'> {
  return { uris: parts.flatMap(({ uris }) => uris), rest: parts[0]?.rest ?? RawObject.empty };
}
