import type { HeaderParam, Service } from '@toolyard/protocol';
import type { Told } from './events.ts';
import type { Kind } from './catalogue/kinds.ts';
import type { ServerStatus } from './status.ts';

/** Many servers as one. */
export interface Orchestrator extends AsyncDisposable {
  /** Answers from the first moment on, with what is there. */
  readonly service: Service;
  /**
   * Connects all servers. Resolves when each of them is up or has failed once; those that failed are tried again from then on.
   * With `failFast` it rejects with `START_FAILED`, which names all that failed, and closes everything. A second call gives the same promise.
   */
  start(): Promise<void>;
  /** Which arguments of a tool, by the name callers use, travel as headers too: for a door that checks them (`toolHeaders` of `httpTransport`). */
  toolHeaders(tool: string): readonly HeaderParam[] | undefined;
  /** How each server is doing, in the order of the configuration. */
  servers(): readonly ServerStatus[];
  readonly events: {
    /** A server went up or down, failed again, or offers something else. */
    readonly server: Told<ServerStatus>;
    /** These lists differ from what they were. */
    readonly catalogue: Told<readonly Kind[]>;
  };
  /** Ends subscriptions in good order, then all connections. Calls that come later are rejected with `CLOSED`. Safe to call twice. */
  close(): Promise<void>;
}
