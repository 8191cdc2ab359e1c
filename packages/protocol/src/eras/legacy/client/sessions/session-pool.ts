import { cancelled, onAbort } from '../../../../abort.ts';
import type { Call } from '../../../../call.ts';
import { ToolyardError } from '../../../../errors/toolyard-error.ts';
import type { Reply } from '../../../../reply.ts';
import type { Service } from '../../../../service.ts';
import type { Connection, Peer } from '../../../../transport.ts';
import type { RawObject } from '../../../../wire/raw-object.ts';
import { interruptible } from '../../../bridge/question.ts';
import { closedHere } from '../../../channel/client/connection.ts';
import { withGrowingProgress } from '../../../channel/growing-progress.ts';
import { Patience } from '../../../channel/patience.ts';
import type { LegacySession } from '../client-session.ts';
import { ResourceHolds } from '../subscriptions/resource-holds.ts';
import { type CapabilityProfile, capabilityProfile, everyCapability } from './capability-profile.ts';
import type { SessionPoolOptions } from './session-pool-options.ts';
import { mayRepeat, wasForgotten } from './session-loss.ts';
import type { SharedState } from './shared-state.ts';

/** What a session beside the first is opened with. */
export interface FurtherSession {
  readonly capabilities: RawObject;
  readonly shared: SharedState;
}

export interface SessionPoolParts {
  readonly upstream: string;
  /** Declares everything. Owned from here on. */
  readonly first: LegacySession;
  /** Opens one more session with the same server. Rejects as `Transport.connect` does. */
  readonly open: (traits: FurtherSession, signal: AbortSignal) => Promise<LegacySession>;
  /** Whether a session may end without the others, as a process does. Else the loss of one means that the server is gone. */
  readonly isolated: boolean;
  /** Calls that may wait for sessions to open. */
  readonly maxWaiting: number;
  readonly options: SessionPoolOptions;
}

interface Slot {
  readonly key: string;
  readonly shared: SharedState;
  readonly session: Promise<LegacySession>;
  opened: LegacySession | undefined;
  /** Calls that were given to it and have not settled. */
  calls: number;
  usedMs: number;
}

/** Who waits for a session. */
type Waiting = Pick<Call, 'method' | 'signal' | 'deadlineMs'>;

const defaultMaxSessions = 8;
const defaultIdleMs = 300_000;
/** What a server that knows one session only says to a second `initialize`. */
const refusals: ReadonlySet<string> = new Set(['UPSTREAM_MALFORMED', 'UPSTREAM_STATUS']);

/**
 * Sessions with one server, behind one connection. A session that the server has forgotten is opened anew by the next call that needs it; the connection
 * is over when one ends for any other reason (where they are `isolated`: the first), or the first cannot be opened again.
 */
export function sessionPool(parts: SessionPoolParts): Connection {
  return new SessionPool(parts);
}

class SessionPool implements Connection {
  readonly peer: Peer;
  readonly stateful = true;
  readonly closed: Promise<Error | undefined>;
  readonly service: Service = (call) => this.#call(call);
  readonly #parts: SessionPoolParts;
  readonly #maxSessions: number;
  readonly #idleMs: number;
  readonly #over: PromiseWithResolvers<Error | undefined> = Promise.withResolvers<Error | undefined>();
  readonly #ending = new AbortController();
  /** The one that was used least lately is the first. */
  readonly #slots = new Map<string, Slot>();
  /** The server has refused to open a second one. */
  #single = false;
  #waiting = 0;
  #sweeper: NodeJS.Timeout | undefined;
  #gone: ToolyardError | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: SessionPoolParts) {
    this.#parts = parts;
    this.#maxSessions = Math.max(parts.options.maxSessions ?? defaultMaxSessions, 1);
    this.#idleMs = parts.options.idleMs ?? defaultIdleMs;
    this.peer = parts.first.peer;
    this.closed = this.#over.promise;
    this.#add(firstKey, parts.first.shared, Promise.resolve(parts.first));
  }

  async check(signal: AbortSignal): Promise<void> {
    const session = await this.#first({ method: 'ping', signal, deadlineMs: undefined });
    await session.check(signal);
  }

  async drained(): Promise<void> {
    for (let busy = this.#busySessions(); busy.length > 0; busy = this.#busySessions())
      await Promise.all(busy.map((session) => session.drained()));
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#end(undefined, closedHere(this.#parts.upstream)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call(call: Call): Promise<Reply> {
    const growing = withGrowingProgress(call);
    const slot = this.#slotFor(call);
    try {
      return await this.#on(slot, growing, call);
    } catch (error) {
      if (this.#gone !== undefined && ToolyardError.is(error, 'CLOSED')) throw this.#gone;
      // What was parked may have been lost with another session than the one it was looked for in.
      if (!wasForgotten(error) || call.params.has('requestState')) throw error;
      this.#drop(slot);
      if (call.signal.aborted || !mayRepeat(call, error)) throw error;
      return this.#on(this.#slotFor(call), growing, call);
    }
  }

  async #on(slot: Slot, growing: Call, call: Call): Promise<Reply> {
    slot.calls++;
    try {
      const session = slot.opened ?? (await this.#opened(slot, call));
      return await (session ?? (await this.#first(call))).service(growing);
    } finally {
      slot.calls--;
      slot.usedMs = performance.now();
    }
  }

  async #first(waiting: Waiting): Promise<LegacySession> {
    const slot = this.#slot(everyCapability, '');
    const session = slot.opened ?? (await this.#opened(slot, waiting));
    if (session === undefined) throw this.#gone ?? closedHere(this.#parts.upstream);
    return session;
  }

  /** Resolves with `undefined` where the server will have no second session, and the first may do. */
  async #opened(slot: Slot, { method, signal, deadlineMs }: Waiting): Promise<LegacySession | undefined> {
    const { maxWaiting } = this.#parts;
    if (this.#waiting >= maxWaiting) throw this.#busy(maxWaiting);
    const stop = Promise.withResolvers<never>();
    const forget = onAbort(signal, () => stop.reject(cancelled(signal)));
    const patience = new Patience({ deadlineMs }, (afterMs) => stop.reject(this.#late(method, afterMs)));
    patience.start();
    this.#waiting++;
    try {
      return await Promise.race([slot.session, stop.promise]);
    } catch (error) {
      if (slot.key === firstKey || this.#parts.options.perPrincipal === true || !isRefusal(error)) throw error;
      this.#single = true;
      return undefined;
    } finally {
      this.#waiting--;
      patience.end();
      forget();
    }
  }

  #slotFor(call: Call): Slot {
    if (this.#gone !== undefined) throw this.#gone;
    // Where it is parked it is found from any session.
    const any = call.params.has('requestState')
      ? [...this.#slots.values()].find(({ opened }) => opened !== undefined)
      : undefined;
    if (any !== undefined) return any;
    const { profile, owner } = this.#placeOf(call);
    return this.#slot(profile, owner);
  }

  #placeOf({ caller, method }: Call): { readonly profile: CapabilityProfile; readonly owner: string } {
    const { policy = 'profiles', perPrincipal = false } = this.#parts.options;
    if (
      policy === 'shared' ||
      this.#single ||
      method === 'server/discover' ||
      (!perPrincipal && !interruptible(method))
    )
      return { profile: everyCapability, owner: '' };
    const owner = perPrincipal ? JSON.stringify([caller.tenant, caller.principal]) : '';
    return { profile: capabilityProfile(caller.capabilities), owner };
  }

  #slot(profile: CapabilityProfile, owner: string): Slot {
    const key = owner + profile.key;
    const known = this.#slots.get(key);
    if (known !== undefined) {
      this.#slots.delete(key);
      this.#slots.set(key, known);
      return known;
    }
    if (key !== firstKey && !this.#makeRoom()) {
      if (this.#parts.options.perPrincipal === true) throw this.#busy(this.#maxSessions);
      return this.#slot(everyCapability, '');
    }
    const shared = this.#sharedBy(owner);
    const opening = this.#parts.open({ capabilities: profile.capabilities, shared }, this.#ending.signal);
    const slot = this.#add(key, shared, opening);
    this.#sweeper ??= setInterval(() => this.#sweep(), Math.max(this.#idleMs / 4, 10)).unref();
    return slot;
  }

  #sharedBy(owner: string): SharedState {
    const { shared } = this.#parts.first;
    if (owner === shared.owner) return shared;
    const beside = [...this.#slots.values()].find((slot) => slot.shared.owner === owner);
    return beside?.shared ?? { ...shared, owner, resources: new ResourceHolds() };
  }

  #add(key: string, shared: SharedState, opening: Promise<LegacySession>): Slot {
    const slot: Slot = { key, shared, session: opening, opened: undefined, calls: 0, usedMs: performance.now() };
    this.#slots.set(key, slot);
    opening.then(
      (session) => this.#arrived(slot, session),
      (error: unknown) => {
        this.#drop(slot);
        if (key === firstKey || (!this.#parts.isolated && ToolyardError.is(error, 'UPSTREAM_UNREACHABLE')))
          this.#lost(error);
      },
    );
    return slot;
  }

  #arrived(slot: Slot, session: LegacySession): void {
    if (this.#gone !== undefined || this.#slots.get(slot.key) !== slot) return void session.close();
    slot.opened = session;
    void session.closed.then((reason) => {
      const current = this.#slots.get(slot.key) === slot;
      this.#drop(slot);
      if (current && !wasForgotten(reason) && (slot.key === firstKey || !this.#parts.isolated)) this.#lost(reason);
    });
  }

  #busySessions(): readonly LegacySession[] {
    return [...this.#slots.values()].flatMap(({ opened }) =>
      opened !== undefined && opened.working > 0 ? opened : [],
    );
  }

  /** Whether one more session may be opened. */
  #makeRoom(): boolean {
    const others = [...this.#slots.values()].filter(({ key }) => key !== firstKey);
    if (others.length < this.#maxSessions - 1) return true;
    const idle = others.find(isIdle);
    if (idle === undefined) return false;
    this.#retire(idle);
    return true;
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const slot of this.#slots.values()) {
      if (slot.key !== firstKey && isIdle(slot) && nowMs - slot.usedMs >= this.#idleMs) this.#retire(slot);
    }
    if (this.#slots.size > 1) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #retire(slot: Slot): void {
    this.#drop(slot);
    void slot.opened?.close();
  }

  #drop(slot: Slot): void {
    if (this.#slots.get(slot.key) === slot) this.#slots.delete(slot.key);
  }

  #lost(reason: unknown): void {
    const { upstream } = this.#parts;
    const gone = new ToolyardError('UPSTREAM_CLOSED', { upstream }, `${upstream} closed the connection.`, {
      cause: reason,
    });
    this.#closing ??= this.#end(reason instanceof Error ? reason : gone, gone);
  }

  async #end(reason: Error | undefined, gone: ToolyardError): Promise<void> {
    this.#gone = gone;
    clearInterval(this.#sweeper);
    this.#ending.abort(gone);
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    await Promise.all(slots.map(async ({ opened }) => opened?.close()));
    this.#over.resolve(reason);
  }

  #late(method: string, afterMs: number): ToolyardError<'UPSTREAM_TIMEOUT'> {
    const { upstream } = this.#parts;
    const message = `${upstream} did not open a session within ${afterMs} ms.`;
    return new ToolyardError('UPSTREAM_TIMEOUT', { upstream, method, afterMs }, message);
  }

  #busy(limit: number): ToolyardError<'UPSTREAM_BUSY'> {
    const { upstream } = this.#parts;
    return new ToolyardError(
      'UPSTREAM_BUSY',
      { upstream, limit },
      `${upstream} has ${limit} sessions, or calls that wait for one, already.`,
    );
  }
}

const firstKey = everyCapability.key;

function isRefusal(error: unknown): boolean {
  return ToolyardError.is(error) && refusals.has(error.code);
}

function isIdle({ opened, calls }: Slot): boolean {
  return opened !== undefined && calls === 0 && opened.load === 0;
}
