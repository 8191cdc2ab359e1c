import type { Caller, Peer, Service } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import type { Kind } from '../catalogue/kinds.ts';
import { perKind } from '../catalogue/kinds.ts';
import type { Offer, Upstream } from '../catalogue/upstream.ts';
import type { ServerEntry } from '../server-entry.ts';
import type { Settings } from '../settings.ts';
import type { Failure, ServerState, ServerStatus } from '../status.ts';
import type { DefinedUpstream } from '../views/profile-roster.ts';
import { createAffinity } from './affinity.ts';
import { balanced } from './balance.ts';
import { Instance } from './instance.ts';
import type { Limiter } from './limiter.ts';
import { orAborted } from './pause.ts';

export interface ServerOptions {
  readonly entry: ServerEntry;
  /** Its place in the configuration. */
  readonly ordinal: number;
  readonly settings: Settings;
  readonly caller: Caller;
  readonly limiter: Limiter;
  /** It went up or down, failed again, or offers something else. */
  readonly onChange: (server: Server) => void;
}

/** One server: as many instances of it as are wanted, each kept connected, and one service over all that are up. */
export class Server implements DefinedUpstream, AsyncDisposable {
  readonly id: string;
  readonly ordinal: number;
  readonly #options: ServerOptions;
  readonly #unreachable: Service;
  readonly #affinity = createAffinity<Instance>();
  #entry: ServerEntry;
  #instances: readonly Instance[] = [];
  /** Those that finish their calls. */
  readonly #leaving = new Set<Instance>();
  #wanted: number;
  #numbers = 0;
  #service: Service;
  /** The services that `#service` is made of. */
  #parts: readonly Service[] = [];
  #offer: Offer | undefined;
  #up = Promise.withResolvers<void>();
  #peer: Peer | undefined;
  #startedMs = 0;
  #timeToReadyMs: number | undefined;
  #begun = false;
  #closed = false;
  /** Changes of the instances, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ServerOptions) {
    const { entry, ordinal } = options;
    this.#options = options;
    this.#entry = entry;
    this.id = entry.id;
    this.ordinal = ordinal;
    this.#wanted = entry.instances?.min ?? 1;
    this.#unreachable = () => Promise.reject(this.#absence());
    this.#service = this.#unreachable;
  }

  get entry(): ServerEntry {
    return this.#entry;
  }

  get title(): string {
    return this.#entry.name ?? this.id;
  }

  get priority(): number {
    return this.#entry.priority ?? 0;
  }

  get up(): boolean {
    return this.#parts.length > 0;
  }

  get offer(): Offer | undefined {
    return this.#offer;
  }

  get service(): Service {
    return this.#service;
  }

  tells(flag: Parameters<Upstream['tells']>[0]): boolean {
    return this.#lead?.session?.tells(flag) === true;
  }

  revalidate(kind: Kind): void {
    this.#lead?.session?.revalidate(kind);
  }

  whenUp(signal: AbortSignal): Promise<void> {
    return orAborted(this.#up.promise, signal);
  }

  /** Begins to reach it. Resolves once it is up, or with why it is not after the first attempts; attempts go on after that. */
  start(): Promise<Failure | undefined> {
    if (this.#closed) return Promise.resolve(this.lastError ?? { code: 'CLOSED', message: 'It was closed.' });
    if (!this.#begun) {
      this.#begun = true;
      this.#startedMs = this.#options.settings.now();
      this.#set(this.#made(this.#wanted, this.#entry));
    }
    return firstOutcome(this.#instances);
  }

  /** Makes it so many instances, 0 included. Resolves when those that are new are up or have failed once, and those that are too many have finished their calls. */
  scale(instances: number, drainMs: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#wanted = instances;
      const kept = this.#instances.slice(0, instances);
      const surplus = this.#instances.slice(instances);
      const added = this.#made(instances - kept.length, this.#entry);
      this.#set([...kept, ...added]);
      await Promise.all([...added.map((one) => one.start()), ...surplus.map((one) => this.#drain(one, drainMs))]);
    });
  }

  /** Takes over another definition, or begins anew with the same. The old instances go when the first new one is up, or all have failed once. */
  replace(entry: ServerEntry, drainMs: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#entry = entry;
      this.#wanted = Math.max(entry.instances?.min ?? this.#wanted, 1);
      const old = this.#instances;
      const fresh = this.#made(this.#wanted, entry);
      this.#instances = [...old, ...fresh];
      this.#begun = true;
      await firstOutcome(fresh);
      this.#set(fresh);
      await Promise.all(old.map((one) => this.#drain(one, drainMs)));
    });
  }

  status(): Omit<ServerStatus, 'leftOut' | 'leftOutCount'> {
    const instances = [...this.#instances, ...this.#leaving].map((instance) => instance.status());
    const attempts = instances.flatMap(({ nextAttemptInMs }) => nextAttemptInMs ?? []);
    return {
      id: this.id,
      name: this.#entry.name,
      state: this.state,
      peer: this.#peer,
      counts: perKind((kind) => this.#offer?.lists[kind]?.entries.length ?? 0),
      instances,
      timeToReadyMs: this.#timeToReadyMs,
      lastError: this.lastError,
      connects: instances.reduce((sum, { connects }) => sum + connects, 0),
      nextAttemptInMs: attempts.length === 0 ? undefined : Math.min(...attempts),
      failedLists: this.#offer?.failed ?? [],
    };
  }

  /** Lets calls in flight finish for `drainMs`. Safe to call twice. */
  async close(drainMs = 0): Promise<void> {
    this.#closed = true;
    const all = [...this.#instances, ...this.#leaving];
    await Promise.all(all.map((one) => (drainMs === 0 ? one.close() : this.#drain(one, drainMs))));
    this.#changed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #lead(): Instance | undefined {
    return this.#instances.find(({ up }) => up);
  }

  get lastError(): Failure | undefined {
    return this.#instances.flatMap((instance) => instance.status().lastError ?? []).at(-1);
  }

  get state(): ServerState {
    if (this.#closed || this.#wanted === 0) return 'stopped';
    const up = this.#instances.filter((instance) => instance.up).length;
    if (up === this.#instances.length && up > 0) return (this.#offer?.failed.length ?? 0) > 0 ? 'degraded' : 'healthy';
    if (up > 0) return 'degraded';
    return this.#instances.some((instance) => instance.failed) ? 'unhealthy' : 'starting';
  }

  #made(count: number, entry: ServerEntry): readonly Instance[] {
    return Array.from({ length: Math.max(count, 0) }, () => {
      const instance = new Instance({
        ...this.#options,
        entry,
        number: ++this.#numbers,
        onChange: () => this.#changed(),
      });
      return instance;
    });
  }

  #set(instances: readonly Instance[]): void {
    this.#instances = instances;
    for (const instance of instances) void instance.start();
    this.#changed();
  }

  async #drain(instance: Instance, drainMs: number): Promise<void> {
    this.#leaving.add(instance);
    try {
      await instance.drain(drainMs);
    } finally {
      this.#leaving.delete(instance);
      this.#changed();
    }
  }

  async #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(() => {
      if (this.#closed) throw new ToolyardError('CLOSED', { what: this.id }, `The server ${this.id} is closed.`);
      return change();
    });
    this.#turn = turn.catch(() => undefined);
    await turn;
  }

  #changed(): void {
    const up = this.#instances.filter((instance) => instance.up);
    const parts = up.flatMap(({ service }) => service ?? []);
    const lead = up[0];
    if (lead !== undefined) {
      this.#offer = lead.offer;
      this.#peer = lead.peer;
    }
    if (parts.length !== this.#parts.length || parts.some((part, at) => part !== this.#parts[at]))
      this.#serve(up, parts);
    this.#options.onChange(this);
  }

  #serve(up: readonly Instance[], parts: readonly Service[]): void {
    const wasUp = this.up;
    this.#parts = parts;
    const { random } = this.#options.settings;
    if (parts.length > 1) this.#service = balanced(up, this.#unreachable, { affinity: this.#affinity, random });
    else this.#service = parts[0] ?? this.#unreachable;
    if (this.up === wasUp) return;
    if (this.up) {
      this.#timeToReadyMs ??= this.#options.settings.now() - this.#startedMs;
      this.#up.resolve();
    } else this.#up = Promise.withResolvers<void>();
  }

  #absence(): ToolyardError {
    const how = this.state === 'stopped' ? 'stopped' : 'not connected';
    return new ToolyardError('UPSTREAM_UNREACHABLE', { upstream: this.id }, `The server ${this.id} is ${how}.`);
  }
}

/** Resolves once one is up, or with why one is not when all have failed. */
async function firstOutcome(instances: readonly Instance[]): Promise<Failure | undefined> {
  const failures: Failure[] = [];
  const starts = instances.map(async (instance) => {
    const failure = await instance.start();
    if (failure === undefined) return;
    failures.push(failure);
    throw new Error(failure.message);
  });
  return Promise.any(starts).then(
    () => undefined,
    () => failures[0],
  );
}
