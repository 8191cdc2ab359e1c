import type { Caller } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import type { Upstream } from '../catalogue/upstream.ts';
import type { FeedOptions } from './feed.ts';
import { Feed } from './feed.ts';
import type { Deliver } from './member.ts';
import { ownerKey } from './owner-key.ts';
import type { Topic } from './topics.ts';
import { isTask } from './topics.ts';

export interface FeedsOptions extends Omit<FeedOptions, 'upstream' | 'caller'> {
  /** `principal`: who asks gets a subscription of their own with each server. `server`: all share one, tasks aside. */
  readonly share: 'principal' | 'server';
  /** In whose name shared subscriptions are opened. */
  readonly ownCaller: Caller;
  /** Topics that one server may be subscribed to, all callers together. */
  readonly maxTopics: number;
}

export interface Joining {
  readonly upstream: Upstream;
  readonly caller: Caller;
  readonly topics: ReadonlySet<Topic>;
  readonly deliver: Deliver;
}

export interface Membership {
  /** What of the topics is honoured; may never resolve. */
  readonly honoured: Promise<ReadonlySet<Topic>>;
  /** Safe to call twice. */
  leave(): void;
}

/** The feeds of all servers. A feed is there as long as somebody takes part in it. */
export interface Feeds {
  /** Topics beyond the bound of the server are not honoured. */
  join(joining: Joining): Membership;
}

export function createFeeds(options: FeedsOptions): Feeds {
  // By id: views have upstreams of their own for one and the same server.
  const servers = new Map<string, ServerFeeds>();
  const joinOne = (joining: Joining, tasks: boolean): Membership => {
    const { upstream, caller } = joining;
    const feeds: ServerFeeds = servers.get(upstream.id) ?? {
      byOwner: new Map<string, Feed>(),
      wanted: new Map<string, number>(),
    };
    servers.set(upstream.id, feeds);
    // Whose task it is matters to the server; what a resource's update says does not.
    const own = options.share === 'server' && !tasks;
    const owner = own ? '' : ownerKey(caller);
    const asking = own ? options.ownCaller : inTheNameOf(caller, options.ownCaller);
    const topics = take(joining.topics, owner, feeds.wanted, options.maxTopics);
    if (topics.size === 0) return nothing;
    const feed = feeds.byOwner.get(owner) ?? new Feed({ ...options, upstream, caller: asking });
    feeds.byOwner.set(owner, feed);
    const member = feed.join(topics, joining.deliver);
    let left = false;
    return {
      honoured: member.honoured,
      leave() {
        if (left) return;
        left = true;
        feed.leave(member);
        giveBack(topics, owner, feeds.wanted);
        if (feed.empty) feeds.byOwner.delete(owner);
        if (feeds.byOwner.size === 0) servers.delete(upstream.id);
      },
    };
  };
  return {
    join(joining) {
      if (options.share === 'principal') return joinOne(joining, true);
      const parts = [false, true].flatMap((tasks) => {
        const topics = new Set([...joining.topics].filter((topic) => isTask(topic) === tasks));
        return topics.size === 0 ? [] : [joinOne({ ...joining, topics }, tasks)];
      });
      return {
        honoured: Promise.all(parts.map(({ honoured }) => honoured)).then(
          (sets) => new Set(sets.flatMap((set) => [...set])),
        ),
        leave: () => parts.forEach((part) => part.leave()),
      };
    },
  };
}

const nothing: Membership = { honoured: Promise.resolve(new Set<Topic>()), leave: () => undefined };

interface ServerFeeds {
  readonly byOwner: Map<string, Feed>;
  /** How many want what: by owner and topic. */
  readonly wanted: Map<string, number>;
}

/** As many of the topics as there is room for. */
function take(
  topics: ReadonlySet<Topic>,
  owner: string,
  wanted: Map<string, number>,
  maxTopics: number,
): ReadonlySet<Topic> {
  const taken = new Set<Topic>();
  for (const topic of topics) {
    const count = wanted.get(owner + topic) ?? 0;
    if (count === 0 && wanted.size >= maxTopics) continue;
    wanted.set(owner + topic, count + 1);
    taken.add(topic);
  }
  return taken;
}

function giveBack(topics: ReadonlySet<Topic>, owner: string, wanted: Map<string, number>): void {
  for (const topic of topics) {
    const count = wanted.get(owner + topic) ?? 0;
    if (count > 1) wanted.set(owner + topic, count - 1);
    else wanted.delete(owner + topic);
  }
}

/** What the principal's clients say of themselves differs, and a feed is for all of them. */
function inTheNameOf({ principal, tenant }: Caller, own: Caller): Caller {
  return { principal, tenant, clientInfo: own.clientInfo, capabilities: RawObject.empty };
}
