import type { Caller, Service } from '@toolyard/protocol';
import { compose, ToolyardError } from '@toolyard/protocol';
import type { Kind } from '../../catalogue/kinds.ts';
import type { Offer, Upstream } from '../../catalogue/upstream.ts';
import type { ServerEntry } from '../../server-entry.ts';
import type { Settings } from '../../settings.ts';
import type { Outcomes } from '../../resilience/outcomes.ts';
import type { Failure, ServerState, ServerStatus } from '../../status.ts';
import type { DefinedUpstream } from '../../catalogue/roster.ts';
import { createAffinity } from '../calls/affinity.ts';
import type { Condition } from './condition.ts';
import { type CallPath, createCallPath } from '../calls/call-path.ts';
import { createHomes } from '../calls/homes.ts';
import { Instance } from '../instances/instance.ts';
import { Instances } from '../instances/instances.ts';
import type { Limiter } from '../limiter.ts';
import { Members } from './members.ts';
import { Places } from '../instances/places.ts';
import { ServerChanges } from './server-changes.ts';
import { conditionOf, reportOf, type ReportParts } from './server-report.ts';

export interface ServerOptions {
  readonly entry: ServerEntry;
  /** Its place in the configuration. */
  readonly ordinal: number;
  readonly settings: Settings;
  readonly caller: Caller;
  readonly limiter: Limiter;
  /** It went up or down, failed again, or offers something else. */
  readonly onChange: (server: Server) => void;
  /** A call to one of its instances was a fault, or slow. */
  readonly onTrouble: () => void;
}

/** One server: as many instances of it as are wanted, each kept connected, and one service over all that are up. */
export class Server implements DefinedUpstream, AsyncDisposable {
  readonly id: string;
  readonly ordinal: number;
  readonly #options: ServerOptions;
  readonly changes: ServerChanges;
  readonly #instances: Instances;
  readonly #members: Members;
  /** To one of the instances. */
  readonly #path: CallPath;
  /** The path, with what stands around it. */
  #whole: Service;
  #service: Service;
  readonly #failedAttempts = new Map<Failure['code'], number>();
  #closed = false;

  constructor(options: ServerOptions) {
    const { entry, ordinal, settings } = options;
    this.#options = options;
    this.id = entry.id;
    this.ordinal = ordinal;
    this.#members = new Members(settings.now);
    const places = new Places();
    const unreachable: Service = () => Promise.reject(this.#absence());
    const onFailedAttempt = (code: Failure['code']): void =>
      void this.#failedAttempts.set(code, (this.#failedAttempts.get(code) ?? 0) + 1);
    this.#instances = new Instances({
      id: entry.id,
      make: (number, given, onChange, instead) =>
        new Instance({ ...options, entry: given, number, places, instead, unreachable, onChange, onFailedAttempt }),
      wanted: () => this.changes.wanted,
      cleared: (instance) => this.#path.bulkhead.cleared(instance),
      onChange: () => this.#changed(),
    });
    this.changes = new ServerChanges({
      entry,
      instances: this.#instances,
      load: () => ({
        inFlight: this.#instances.current.reduce((sum, { inFlight }) => sum + inFlight, 0),
        queued: this.#path.bulkhead.queued,
      }),
      onEntry: (given) => (this.#whole = this.#wholeOf(given)),
      onBegin: () => this.#members.started(),
    });
    this.#path = createCallPath({
      upstream: entry.id,
      rules: () => this.entry.calls ?? {},
      members: () => this.#members.all,
      leaving: () => this.#instances.leaving,
      expected: () => this.#instances.makingRoom,
      affinity: createAffinity(),
      homes: createHomes(),
      several: () => this.changes.wanted > 1 || (this.entry.instances?.max ?? 1) > 1,
      absence: () => this.#absence(),
      now: settings.now,
      random: settings.random,
    });
    this.#whole = this.#wholeOf(entry);
    this.#service = (call) => this.#whole(call);
  }

  get entry(): ServerEntry {
    return this.changes.entry;
  }

  get title(): string {
    return this.entry.name ?? this.id;
  }

  get priority(): number {
    return this.entry.priority ?? 0;
  }

  get up(): boolean {
    return this.#members.first !== undefined;
  }

  get offer(): Offer | undefined {
    return this.#members.offer;
  }

  get service(): Service {
    return this.#service;
  }

  /** How the calls of its instances ended of late. */
  get windows(): readonly Outcomes[] {
    return this.#instances.current.map(({ outcomes }) => outcomes);
  }

  /** How it is and, where that is not well, why. */
  get condition(): Condition {
    return conditionOf(this.#parts);
  }

  get reason(): Failure | undefined {
    return this.condition.reason;
  }

  get state(): ServerState {
    return this.condition.state;
  }

  tells(flag: Parameters<Upstream['tells']>[0]): boolean {
    return this.#members.first?.session?.tells(flag) === true;
  }

  revalidate(kind: Kind): void {
    this.#members.first?.session?.revalidate(kind);
  }

  whenUp(signal: AbortSignal): Promise<void> {
    return this.#members.whenUp(signal);
  }

  /** Begins to reach it. Resolves once it is up, or with why it is not after the first attempts; attempts go on after that. */
  start(): Promise<Failure | undefined> {
    if (this.#closed) return Promise.resolve(this.reason ?? { code: 'CLOSED', message: 'It was closed.' });
    this.changes.begin();
    return this.#instances.firstOutcome();
  }

  status(): Omit<ServerStatus, 'leftOut' | 'leftOutCount'> {
    const failedAttempts = Object.fromEntries(this.#failedAttempts);
    return reportOf({ ...this.#parts, failedAttempts, queued: this.#path.bulkhead.queued });
  }

  /** Lets calls in flight finish for `drainMs`. Safe to call twice. */
  async close(drainMs = 0): Promise<void> {
    this.#closed = true;
    this.changes.close();
    await this.#instances.close(drainMs);
    this.#changed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #parts(): Omit<ReportParts, 'queued' | 'failedAttempts'> {
    return {
      entry: this.entry,
      instances: this.#instances,
      members: this.#members,
      wanted: this.changes.wanted,
      closed: this.#closed,
    };
  }

  #wholeOf(entry: ServerEntry): Service {
    return compose(this.#options.settings.given.middleware?.(entry) ?? [], (call) => this.#path.service(call));
  }

  #changed(): void {
    // Another one each time, by which those who remember what a connection could not do know that it is another.
    if (this.#members.look(this.#instances.current)) this.#service = (call) => this.#whole(call);
    this.#path.bulkhead.changed();
    this.#options.onChange(this);
  }

  #absence(): ToolyardError {
    const how = this.state === 'stopped' ? 'stopped' : 'not connected';
    return new ToolyardError('UPSTREAM_UNREACHABLE', { upstream: this.id }, `The server ${this.id} is ${how}.`);
  }
}
