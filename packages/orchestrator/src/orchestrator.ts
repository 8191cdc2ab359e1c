import type { Told } from '@toolyard/protocol';
import type { ProfileDefinition } from '@toolyard/registry';
import type { FleetOperations } from './fleet/operations.ts';
import type { ServerQueries } from './gathering/gathering.ts';
import type { RegistryProblem } from './gathering/registry-keeper.ts';
import type { Recycled } from './governing/rules.ts';
import type { Kind } from './catalogue/kinds.ts';
import type { ServerStatus, Transition } from './status.ts';
import type { AdjustableOptions } from './options.ts';
import type { ProfileView, View } from './views/view.ts';

/** Many servers as one; itself the view of everything. */
export interface Orchestrator extends View, FleetOperations, ServerQueries, AsyncDisposable {
  /**
   * Connects all servers. Resolves when each of them is up or has failed once; those that failed are tried again from then on.
   * With `failFast` it rejects with `START_FAILED`, which names all that failed, and closes everything. A second call gives the same promise; after `close()` it rejects with `CLOSED`.
   */
  start(): Promise<void>;
  /**
   * Starts it if need be, for as long as somebody needs it: `await using session = orchestrator.session()`. Once all sessions have ended it is closed, unless `start()` was
   * called: then whoever did so closes it.
   */
  session(): OrchestratorSession;
  /** By name, in the order in which the profiles were given. Changes with them. */
  readonly views: ReadonlyMap<string, ProfileView>;
  /**
   * Opens the view that a profile describes. Where there is one of this name it goes on with this definition: its callers stay, and those who listen are told of the
   * lists that differ now. Servers that it names may be deployed later. Throws `CONFIG_INVALID`; 1,024 views may be open.
   */
  setProfile(profile: ProfileDefinition): ProfileView;
  /** Ends a view: its subscriptions in good order, calls under way in their own time; calls that come later are rejected with `CLOSED`. Does nothing where there is none. */
  removeProfile(name: string): void;
  /**
   * Takes these options in place of those given before; what is left out has its default again. Each holds from the next time that it is looked at: bounds on
   * calls, and the pace of probes, are those of connections made from now on (`deploy` and `restart` make new ones). Throws `CONFIG_INVALID`, and changes nothing.
   */
  configure(options: AdjustableOptions): void;
  /** How each server is doing, in the order of the configuration; those that were deployed later follow. */
  servers(): readonly ServerStatus[];
  /** What a server said about itself when it was up last, in its own words. */
  instructions(server: string): string | undefined;
  readonly events: {
    /** A server, or an instance of it, is in another state, failed again, or offers something else. */
    readonly server: Told<ServerStatus>;
    /** A server entered another state, was deployed or undeployed. */
    readonly transition: Told<Transition>;
    /** The time of an instance is over, by a rule of its definition; told before it is replaced or let go. */
    readonly recycle: Told<Recycled>;
    /** The registry did not take what it was told. */
    readonly registry: Told<RegistryProblem>;
    /** These lists differ from what they were. */
    readonly catalogue: Told<readonly Kind[]>;
  };
  /** Ends subscriptions in good order, then all connections. Calls that come later are rejected with `CLOSED`. Safe to call twice. */
  close(): Promise<void>;
}

type Asked = 'service' | 'execute' | 'resourcesForDomain' | 'gatherAllResources';

/** An orchestrator for as long as somebody needs it. What is asked of it waits for the start, and is `CLOSED` after its end. */
export interface OrchestratorSession extends Pick<Orchestrator, Asked>, AsyncDisposable {
  /** The orchestrator once it is started, for everything else. Rejects as `start()` does. */
  ready(): Promise<Orchestrator>;
}
