import type { Caller, Connection, Peer, Service } from '@toolyard/protocol';
import { compose, ToolyardError } from '@toolyard/protocol';
import type { Kind } from '../catalogue/kinds.ts';
import { perKind } from '../catalogue/kinds.ts';
import type { Offer, Upstream } from '../catalogue/upstream.ts';
import type { ServerEntry } from '../server-entry.ts';
import type { Settings } from '../settings.ts';
import { serverHealth } from '../resilience/health-rule.ts';
import { type Outcomes, summarize } from '../resilience/outcomes.ts';
import type { Failure, ServerState, ServerStatus } from '../status.ts';
import type { DefinedUpstream } from '../views/profile-roster.ts';
import { autoscale } from './autoscale.ts';
import { type CallPath, createCallPath, defaultMaxConcurrent } from './call-path.ts';
import { Instance } from './instance.ts';
import { type Going, Instances } from './instances.ts';
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

/** Of an instance that is not needed any more. */
const autoscaleDrainMs = 600_000;

/** One server: as many instances of it as are wanted, each kept connected, and one service over all that are up. */
export class Server implements DefinedUpstream, AsyncDisposable {
  readonly id: string;
  readonly ordinal: number;
  readonly #options: ServerOptions;
  readonly #unreachable: Service;
  readonly #instances: Instances;
  #entry: ServerEntry;
  #wanted: number;
  /** To one of the instances. */
  #path: CallPath;
  /** With what stands around it. */
  #whole: Service;
  #service: Service;
  /** Those that are up. */
  #members: readonly Instance[] = [];
  readonly #connections = new WeakMap<Instance, Connection>();
  #offer: Offer | undefined;
  #up = Promise.withResolvers<void>();
  #peer: Peer | undefined;
  #startedMs = 0;
  #timeToReadyMs: number | undefined;
  #begun = false;
  #closed = false;
  /** Ends what looks whether there are too few instances, or too many. */
  #scaling = new AbortController();

  constructor(options: ServerOptions) {
    const { entry, ordinal } = options;
    this.#options = options;
    this.#entry = entry;
    this.id = entry.id;
    this.ordinal = ordinal;
    this.#wanted = entry.instances?.min ?? 1;
    this.#unreachable = () => Promise.reject(this.#absence());
    const onChange = (): void => this.#changed();
    this.#instances = new Instances({
      id: entry.id,
      make: (number, given) =>
        new Instance({ ...options, entry: given, number, unreachable: this.#unreachable, onChange }),
      onChange,
    });
    this.#path = this.#pathOf(entry);
    this.#whole = this.#wholeOf(entry);
    this.#service = (call) => this.#whole(call);
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
    return this.#members.length > 0;
  }

  get offer(): Offer | undefined {
    return this.#offer;
  }

  get service(): Service {
    return this.#service;
  }

  /** How the calls of its instances ended of late. */
  get windows(): readonly Outcomes[] {
    return this.#instances.current.map(({ outcomes }) => outcomes);
  }

  get lastError(): Failure | undefined {
    return this.#instances.current.flatMap((instance) => instance.status().lastError ?? []).at(-1);
  }

  get state(): ServerState {
    return serverHealth({
      stopped: this.#closed,
      wanted: this.#wanted,
      instances: this.#instances.current.map(({ health }) => health),
      failedLists: this.#offer?.failed.length ?? 0,
      window: summarize(this.windows),
    });
  }

  tells(flag: Parameters<Upstream['tells']>[0]): boolean {
    return this.#members[0]?.session?.tells(flag) === true;
  }

  revalidate(kind: Kind): void {
    this.#members[0]?.session?.revalidate(kind);
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
      this.#instances.begin(this.#wanted, this.#entry);
      this.#autoscale();
    }
    return this.#instances.firstOutcome();
  }

  /** Makes it so many instances, 0 included, whatever the load. Resolves when those that are new are up or have failed once, and those that are too many have finished their calls. */
  scale(instances: number, drainMs: number): Promise<void> {
    this.#scaling.abort();
    return gone(this.#resize(instances, drainMs));
  }

  /** Takes over another definition; without one, begins anew with what it has when its turn comes. The old instances go when the first new one is up, or all have failed once. */
  replace(drainMs: number, given?: ServerEntry): Promise<void> {
    const replaced = this.#instances.replaceAll(() => {
      const entry = given ?? this.#entry;
      this.#entry = entry;
      if (given !== undefined) {
        this.#path = this.#pathOf(entry);
        this.#whole = this.#wholeOf(entry);
      }
      this.#wanted = Math.max(entry.instances?.min ?? this.#wanted, 1);
      this.#begun = true;
      this.#autoscale();
      return { wanted: this.#wanted, entry };
    }, drainMs);
    return gone(replaced);
  }

  /** Puts a new instance in the place of one, which finishes its calls. Where the new one does not come up at its first attempt, the old one stays. */
  recycle(number: number, drainMs: number): Promise<void> {
    return gone(this.#instances.replaceOne(number, () => this.#entry, drainMs));
  }

  /** Lets one instance beyond the least number finish its calls and go. */
  retire(number: number, drainMs: number): Promise<void> {
    const may = (left: number): boolean => {
      if (left < (this.#entry.instances?.min ?? 1)) return false;
      this.#wanted = left;
      return true;
    };
    return gone(this.#instances.retire(number, may, drainMs));
  }

  status(): Omit<ServerStatus, 'leftOut' | 'leftOutCount'> {
    const instances = this.#instances.status();
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
      restarts: this.#instances.restarts,
      lastMinute: summarize(this.windows),
      nextAttemptInMs: attempts.length === 0 ? undefined : Math.min(...attempts),
      queued: this.#path.bulkhead.queued,
      failedLists: this.#offer?.failed ?? [],
    };
  }

  /** Lets calls in flight finish for `drainMs`. Safe to call twice. */
  async close(drainMs = 0): Promise<void> {
    this.#closed = true;
    this.#scaling.abort();
    await this.#instances.close(drainMs);
    this.#changed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #resize(wanted: number, drainMs: number): Promise<Going> {
    return this.#instances.resize(() => {
      this.#wanted = wanted;
      return { wanted, entry: this.#entry };
    }, drainMs);
  }

  /** From here on, by the bounds of the definition. */
  #autoscale(): void {
    this.#scaling.abort();
    this.#scaling = new AbortController();
    const { instances: { min = 1, max = min } = {}, calls } = this.#entry;
    if (max === min) return;
    void autoscale({
      min,
      max,
      look: () => ({
        instances: this.#wanted,
        inFlight: this.#instances.current.reduce((sum, { inFlight }) => sum + inFlight, 0),
        queued: this.#path.bulkhead.queued,
        maxConcurrent: calls?.maxConcurrent ?? defaultMaxConcurrent,
      }),
      scale: (wanted) => this.#resize(wanted, autoscaleDrainMs),
      signal: this.#scaling.signal,
    });
  }

  #wholeOf(entry: ServerEntry): Service {
    return compose(this.#options.settings.given.middleware?.(entry) ?? [], (call) => this.#path.service(call));
  }

  #pathOf(entry: ServerEntry): CallPath {
    const { now, random } = this.#options.settings;
    return createCallPath({
      upstream: entry.id,
      rules: entry.calls ?? {},
      members: () => this.#members,
      absence: () => this.#absence(),
      now,
      random,
    });
  }

  #changed(): void {
    const members = this.#instances.current.filter((instance) => instance.up);
    const [lead] = members;
    if (lead !== undefined) {
      this.#offer = lead.offer;
      this.#peer = lead.peer;
    }
    if (this.#areOthers(members)) this.#serve(members);
    this.#options.onChange(this);
  }

  /** Whether these are others than before, or the same with other connections. */
  #areOthers(members: readonly Instance[]): boolean {
    if (members.length !== this.#members.length) return true;
    return members.some(
      (member, at) => member !== this.#members[at] || member.connection !== this.#connections.get(member),
    );
  }

  #serve(members: readonly Instance[]): void {
    const wasUp = this.up;
    this.#members = members;
    for (const member of members) if (member.connection !== undefined) this.#connections.set(member, member.connection);
    this.#path.bulkhead.letIn();
    // Another one each time, by which those who remember what a connection could not do know that it is another.
    this.#service = (call) => this.#whole(call);
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

async function gone(going: Promise<Going>): Promise<void> {
  const { drained } = await going;
  await drained;
}
