import type { Call, Caller } from '../../../call.ts';
import { createCall } from '../../../create-call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { Service } from '../../../service.ts';
import { RawJson } from '../../../wire/raw-json.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import type { Channel } from '../../channel/channel.ts';
import { newestLegacyRevision } from '../../revisions.ts';
import { legacyKnowsNotification } from '../translate/translate.ts';

export interface ServerSubscriptionsOptions {
  /** Resources that one session may watch. */
  readonly maxUris: number;
  /** What may wait to be read by the client before its events are dropped. */
  readonly maxPendingBytes: number;
}

const acknowledgement = 'notifications/subscriptions/acknowledged';
/** A service that has not acknowledged by then is taken for one that has ended the call. */
const acknowledgeMs = 30_000;
const firstRetryMs = 1_000;
const longestRetryMs = 30_000;
/** What a call asks for while no resource is watched. */
const listsOnly = RawObject.of({
  notifications: { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true },
});
const lists = [
  ['toolsListChanged', 'tools'],
  ['promptsListChanged', 'prompts'],
  ['resourcesListChanged', 'resources'],
] as const;

/**
 * What a session before 2026-07-28 hears unasked: the events of one `subscriptions/listen` call, which stays open as long as the session.
 * A filter is fixed once its call is open, so a change of the resources opens the next call before the last one is ended.
 * A call that ends by itself is opened again, at growing intervals; then the client is told that lists may have changed, and so it is
 * where it read so slowly that events were dropped.
 */
export class ServerSubscriptions {
  readonly #channel: Channel;
  readonly #service: Service;
  readonly #options: ServerSubscriptionsOptions;
  readonly #uris = new Set<string>();
  #caller: Caller | undefined;
  /** Whether the service tells of changes unasked. */
  #tells = false;
  #ready = false;
  #ended = false;
  /** The service knows no subscriptions. */
  #unknown = false;
  /** The open call, and what it was acknowledged for: no more of it than is needed, since a session may idle for long. */
  #current: AbortController | undefined;
  #honoured: Honoured = nothing;
  /** Calls are opened one after the other: whoever made a change waits for the opening that has it. */
  #opening: Promise<void> = Promise.resolve();
  #wanted = 0;
  #opened = 0;
  #retryMs = firstRetryMs;
  #retry: NodeJS.Timeout | undefined;
  #missed = false;

  constructor(channel: Channel, service: Service, options: ServerSubscriptionsOptions) {
    this.#channel = channel;
    this.#service = service;
    this.#options = options;
  }

  /** What the service can do, and for whom. */
  learn(caller: Caller, capabilities: RawObject): void {
    this.#caller = caller;
    this.#tells = lists.some(([, list]) => capabilities.object(list)?.member('listChanged')?.value === true);
  }

  /** The client is ready to hear. */
  open(): void {
    if (this.#ready) return;
    this.#ready = true;
    if (this.#tells) void this.#change();
  }

  /** Resolves when updates of the resource will be heard. */
  async subscribe(uri: string): Promise<void> {
    const { maxUris } = this.#options;
    if (!this.#uris.has(uri) && this.#uris.size >= maxUris) throw refused(`a session may watch ${maxUris} resources`);
    const known = this.#uris.has(uri);
    this.#uris.add(uri);
    await (known ? this.#opening : this.#change());
    if (this.#honoured.uris.includes(uri)) return;
    this.#uris.delete(uri);
    throw refused('this resource cannot be watched');
  }

  async unsubscribe(uri: string): Promise<void> {
    if (this.#uris.delete(uri)) await this.#change();
  }

  /** Ends the call. Safe to call twice. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#retry);
    this.#current?.abort(replaced());
    this.#current = undefined;
  }

  #change(): Promise<void> {
    const wanted = ++this.#wanted;
    this.#opening = this.#opening.then(() => (this.#opened >= wanted ? undefined : this.#open()));
    return this.#opening;
  }

  async #open(): Promise<void> {
    const caller = this.#caller;
    if (this.#ended || this.#unknown || caller === undefined) return;
    this.#opened = this.#wanted;
    clearTimeout(this.#retry);
    const controller = new AbortController();
    const honoured = await this.#listen(caller, controller);
    if (honoured === undefined) return;
    if (this.#ended) return controller.abort(replaced());
    this.#honoured = honoured;
    this.#retryMs = firstRetryMs;
    this.#current?.abort(replaced());
    this.#current = controller;
  }

  /** Resolves with what was acknowledged; with `undefined` where the call ended before. */
  #listen(caller: Caller, controller: AbortController): Promise<Honoured | undefined> {
    const acknowledged = Promise.withResolvers<Honoured | undefined>();
    const timer = setTimeout(() => {
      acknowledged.resolve(undefined);
      this.#over(controller, undefined);
      controller.abort(replaced());
    }, acknowledgeMs);
    const notify: Call['notify'] = async ({ method, params }) => {
      if (method === acknowledgement)
        acknowledged.resolve(readHonoured(params.object('notifications') ?? RawObject.empty));
      else if (!controller.signal.aborted) await this.#forward(method, params);
    };
    void this.#run(this.#call(caller, controller.signal, notify)).then((error) => {
      acknowledged.resolve(undefined);
      this.#over(controller, error);
    });
    return acknowledged.promise.finally(() => clearTimeout(timer));
  }

  /** Resolves with why the call failed. */
  async #run(call: Call): Promise<unknown> {
    try {
      await this.#service(call);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #call(caller: Caller, signal: AbortSignal, notify: Call['notify']): Call {
    const params = this.#uris.size === 0 ? listsOnly : withResources([...this.#uris]);
    return createCall('subscriptions/listen', { params, caller, signal, notify });
  }

  async #forward(method: string, params: RawObject): Promise<void> {
    if (!legacyKnowsNotification(method, newestLegacyRevision)) return;
    if (this.#channel.pendingBytes <= this.#options.maxPendingBytes) return this.#channel.notify(method, params);
    if (this.#missed) return;
    this.#missed = true;
    await this.#channel.room();
    this.#tellMissed();
  }

  /** The call ended, and not because we ended it. */
  #over(controller: AbortController, error: unknown): void {
    if (this.#ended || controller.signal.aborted) return;
    if (this.#current === controller) this.#current = undefined;
    if (ToolyardError.is(error, 'METHOD_UNKNOWN')) {
      this.#unknown = true;
      return;
    }
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#again(), this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }

  async #again(): Promise<void> {
    await this.#change();
    if (this.#current !== undefined) this.#tellMissed();
  }

  /** Something was not heard, so whatever it was about has to be read anew. */
  #tellMissed(): void {
    this.#missed = false;
    for (const list of this.#honoured.lists) {
      void this.#channel.notify(`notifications/${list}/list_changed`, RawObject.empty);
    }
    for (const uri of this.#uris) void this.#channel.notify('notifications/resources/updated', RawObject.of({ uri }));
  }
}

interface Honoured {
  readonly lists: readonly string[];
  readonly uris: readonly unknown[];
}

const nothing: Honoured = { lists: [], uris: [] };
const allLists: Honoured = { lists: lists.map(([, list]) => list), uris: [] };

function readHonoured(acknowledged: RawObject): Honoured {
  const told = lists.filter(([member]) => acknowledged.member(member)?.value === true);
  const uris = acknowledged.array('resourceSubscriptions')?.map(({ value }) => value) ?? [];
  if (uris.length === 0 && told.length === lists.length) return allLists;
  return { lists: told.map(([, list]) => list), uris };
}

function withResources(uris: readonly string[]): RawObject {
  const notifications = listsOnly.object('notifications') ?? RawObject.empty;
  return RawObject.of({ notifications: notifications.with('resourceSubscriptions', RawJson.of(uris)) });
}

function replaced(): ToolyardError<'CANCELLED'> {
  return new ToolyardError(
    'CANCELLED',
    { reason: 'the subscription was replaced' },
    'The subscription was replaced, or the session is over.',
  );
}

function refused(reason: string): ToolyardError<'INVALID_PARAMS'> {
  return new ToolyardError('INVALID_PARAMS', { reason }, `Invalid params: ${reason}.`);
}
