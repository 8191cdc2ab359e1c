import { cancelled, onAbort } from '../../../../abort.ts';
import type { Call } from '../../../../call.ts';
import { ToolyardError } from '../../../../errors/toolyard-error.ts';
import type { Reply } from '../../../../reply.ts';
import { RawObject } from '../../../../wire/raw-object.ts';
import type { Channel } from '../../../channel/channel.ts';
import { closedHere } from '../../../channel/client/connection.ts';
import { modernKnowsNotification } from '../../translate/translate.ts';
import type { KeptTask } from '../tasks/kept-task.ts';
import type { ResourceHolds } from './resource-holds.ts';

export interface ClientSubscriptionsOptions {
  readonly upstream: string;
  /** Of the server. */
  readonly capabilities: RawObject;
  /** `SessionPipe.hears`. */
  readonly hears: () => boolean;
  /** Of this session and those beside it. */
  readonly resources: ResourceHolds;
  readonly maxInFlight: number;
  /** The tasks that a `subscriptions/listen` names and its caller may know, by their ids. Throws where it may know of none. */
  readonly tasks: (call: Call) => ReadonlyMap<string, KeptTask>;
}

/** The three kinds of list changes: the member of the filter, the capability that promises them, the notification. */
const lists = [
  { wanted: 'toolsListChanged', capability: 'tools', method: 'notifications/tools/list_changed' },
  { wanted: 'promptsListChanged', capability: 'prompts', method: 'notifications/prompts/list_changed' },
  { wanted: 'resourcesListChanged', capability: 'resources', method: 'notifications/resources/list_changed' },
] as const;

interface Listening {
  readonly call: Call;
  readonly methods: ReadonlySet<string>;
  readonly uris: ReadonlySet<string>;
}

/** Answers `subscriptions/listen` in place of a server before 2026-07-28, from its unsolicited notifications and `resources/subscribe`. */
export class ClientSubscriptions {
  readonly #options: ClientSubscriptionsOptions;
  readonly #listening = new Set<Listening>();
  /** One for each open subscription, the ones that still wait for the server included. */
  readonly #ends = new Set<(error: Error) => void>();

  constructor(channel: Channel, options: ClientSubscriptionsOptions) {
    this.#options = options;
    void channel.closed.then(() => {
      const reason = channel.gone ?? closedHere(options.upstream);
      for (const end of this.#ends) end(reason);
    });
  }

  get size(): number {
    return this.#ends.size;
  }

  /** Stays open until its caller ends it, or the connection is over. Acknowledges what the server's capabilities promise. */
  async listen(call: Call): Promise<Reply> {
    const { upstream, maxInFlight } = this.#options;
    const tasks = this.#options.tasks(call);
    if (this.#ends.size >= maxInFlight) {
      throw new ToolyardError(
        'UPSTREAM_BUSY',
        { upstream, limit: maxInFlight },
        `${upstream} has ${maxInFlight} subscriptions already.`,
      );
    }
    const end = Promise.withResolvers<never>();
    end.promise.catch(() => {}); // It may come before anybody waits for it.
    this.#ends.add(end.reject);
    const forget = onAbort(call.signal, () => end.reject(cancelled(call.signal)));
    const held: string[] = [];
    let listening: Listening | undefined;
    let holding: Promise<void> | undefined;
    const watched: (() => void)[] = [];
    try {
      const filter = call.params.object('notifications') ?? RawObject.empty;
      holding = this.#hold(filter, held);
      await Promise.race([end.promise, holding]);
      const honoured = (this.#options.hears() ? lists : []).filter(
        ({ wanted, capability }) =>
          isTrue(filter, wanted) && isTrue(this.#options.capabilities.object(capability), 'listChanged'),
      );
      const acknowledged = Object.fromEntries<unknown>(honoured.map(({ wanted }) => [wanted, true]));
      if (held.length > 0) acknowledged['resourceSubscriptions'] = held;
      if (tasks.size > 0) acknowledged['taskIds'] = [...tasks.keys()];
      const params = RawObject.of({ notifications: RawObject.of(acknowledged) });
      void call.notify({ method: 'notifications/subscriptions/acknowledged', params });
      listening = { call, methods: new Set(honoured.map(({ method }) => method)), uris: new Set(held) };
      this.#listening.add(listening);
      for (const task of tasks.values())
        watched.push(task.watch((params) => void call.notify({ method: 'notifications/tasks', params })));
      return await end.promise;
    } finally {
      forget();
      this.#ends.delete(end.reject);
      if (listening !== undefined) this.#listening.delete(listening);
      for (const unwatch of watched) unwatch();
      void holding?.then(() => held.forEach((uri) => this.#options.resources.release(uri)));
    }
  }

  /** A notification of the server that belongs to no call, of this session or one beside it. */
  event(method: string, params: RawObject): void {
    if (!modernKnowsNotification(method)) return;
    const uri = method === 'notifications/resources/updated' ? params.string('uri') : undefined;
    for (const { call, methods, uris } of this.#listening) {
      if (methods.has(method) || (uri !== undefined && covers(uris, uri))) void call.notify({ method, params });
    }
  }

  /** Adds to `held` each URI that the server lets us subscribe to: one without a way for updates of their own may tell of them in its responses. */
  async #hold(filter: RawObject, held: string[]): Promise<void> {
    if (!offersSubscriptions(this.#options.capabilities)) return;
    const wanted = filter.array('resourceSubscriptions')?.map(({ value }) => value) ?? [];
    const uris = new Set(wanted.filter((uri) => typeof uri === 'string'));
    await Promise.all(
      [...uris].map(async (uri) => {
        if (await this.#options.resources.hold(uri)) held.push(uri);
      }),
    );
  }
}

/** Whether the server has `resources/subscribe`. */
export function offersSubscriptions(capabilities: RawObject): boolean {
  return isTrue(capabilities.object('resources'), 'subscribe');
}

function isTrue(object: RawObject | undefined, key: string): boolean {
  return object?.member(key)?.value === true;
}

/** An update may be about a part of what was subscribed to (spec: server/resources). */
function covers(uris: ReadonlySet<string>, updated: string): boolean {
  if (uris.has(updated)) return true;
  for (const uri of uris) if (updated.startsWith(uri.endsWith('/') ? uri : `${uri}/`)) return true;
  return false;
}
