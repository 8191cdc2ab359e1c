import type { Caller, CallOptions, Reply } from '@toolyard/protocol';
import { createCall, ToolyardError } from '@toolyard/protocol';
import { maxInstances } from '@toolyard/registry';
import { checkRequest } from '../checking/check-call.ts';
import type { ServerEntry } from '../server-entry.ts';
import type { ServerState, ServerStatus } from '../status.ts';
import { type DrainOptions, drainOf } from './drain-options.ts';
import type { Fleet } from './fleet.ts';
import { type FleetHealth, fleetHealth } from './fleet-health.ts';
import type { Server } from './server/server.ts';
import { callerFor } from './offer/own-calls.ts';

/** A request for one server, in its own names. */
export interface ServerRequest extends CallOptions {
  readonly method: string;
}

/** What can be done with servers while calls are answered. No call in flight is lost by any of it, but one that takes longer than `drainMs`. */
export interface FleetOperations {
  /**
   * Takes a server in, or gives one that is there another definition: the old instances finish their calls once the new ones are up. Where none of those comes up, the old ones go on, and the new definition is tried again
   * until it takes over. Resolves with how it is after the first attempts. Rejects with `CONFIG_INVALID`.
   */
  deploy(id: string, definition: Omit<ServerEntry, 'id'>, options?: DrainOptions): Promise<ServerStatus>;
  /** Its tools are gone at once; resolves when its calls have ended, those that wait for their turn included, and its processes too. */
  undeploy(id: string, options?: DrainOptions): Promise<void>;
  /** Keeps so many instances of it, whatever the load and until it is deployed anew, up to the `max` of its definition, or 64; with `idleMs` those beyond `min` go all the same when they have no calls. 0 stops it: it stays deployed, and what it offers is not listed. */
  scale(id: string, instances: number, options?: DrainOptions): Promise<ServerStatus>;
  /** New instances take the place of those there are, as many. Rejects with `START_FAILED` where none comes up; those that there were stay then. */
  restart(id: string, options?: DrainOptions): Promise<ServerStatus>;
  /** The same as `scale(id, 0)`; `restart` brings it back. */
  drain(id: string, options?: DrainOptions): Promise<ServerStatus>;
  state(id: string): ServerState;
  /** How all servers together are doing. */
  health(): FleetHealth;
  /** Asks one server whatever it knows, past catalogue and profiles: names, URIs and ids are its own. Rejects as its service does. */
  execute(id: string, request: ServerRequest): Promise<Reply>;
}

export interface OperationsOptions {
  readonly fleet: Fleet;
  /** In whose name requests are made that name nobody. */
  readonly caller: Caller;
  readonly closing: AbortSignal;
  readonly statusOf: (server: Server) => ServerStatus;
  /** The definition, read. Throws `CONFIG_INVALID`. */
  readonly check: (id: string, definition: unknown) => ServerEntry;
  /** Servers came, went, or are known under other words now. */
  readonly onRoster: () => void;
  readonly onGone: (id: string) => void;
}

/** Every id that is not deployed is `SERVER_UNKNOWN`; after the orchestrator's end all are `CLOSED`. */
export function fleetOperations(options: OperationsOptions): FleetOperations {
  const { fleet, statusOf, check, onRoster } = options;
  const open = (): void => {
    if (options.closing.aborted)
      throw new ToolyardError('CLOSED', { what: 'orchestrator' }, 'The orchestrator is closed.');
  };
  const change = async (
    id: string,
    how: (server: Server, drainMs: number) => Promise<void>,
    given: DrainOptions | undefined,
  ): Promise<ServerStatus> => {
    open();
    const drainMs = drainOf(given);
    const server = fleet.get(id);
    await how(server, drainMs);
    return statusOf(server);
  };
  const operations: FleetOperations = {
    async deploy(id, definition, given) {
      open();
      const drainMs = drainOf(given);
      const entry = check(id, definition);
      const known = fleet.find(id);
      const server = known ?? fleet.add(entry);
      const deployed = known?.changes.replace(drainMs, entry) ?? server.start();
      fleet.changed();
      onRoster();
      await deployed;
      return statusOf(server);
    },
    async undeploy(id, given) {
      open();
      const drainMs = drainOf(given);
      const removed = fleet.remove(fleet.get(id), drainMs);
      onRoster();
      await removed;
      // Another may have been deployed under its id meanwhile.
      if (fleet.find(id) === undefined) options.onGone(id);
    },
    scale: async (id, instances, given) => {
      const max = fleet.get(id).entry.instances?.max ?? maxInstances;
      if (Number.isInteger(instances) && instances >= 0 && instances <= max)
        return change(id, (server, drainMs) => server.changes.scale(instances, drainMs), given);
      const message = `"${instances}" is not a number of instances of ${id}: a whole number from 0 to ${max}.`;
      throw new ToolyardError('INVALID_PARAMS', { reason: message }, message);
    },
    restart: (id, given) => change(id, (server, drainMs) => server.changes.replace(drainMs), given),
    drain: (id, given) => change(id, (server, drainMs) => server.changes.scale(0, drainMs), given),
    state: (id) => fleet.get(id).state,
    health: () => fleetHealth(fleet),
    async execute(id, asked) {
      open();
      checkRequest(asked);
      const { method, ...request } = asked;
      return fleet
        .get(id)
        .service(createCall(method, { ...request, caller: callerFor(request.caller, options.caller) }));
    },
  };
  return operations;
}
