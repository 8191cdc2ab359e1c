import type { ServerDefinition } from '../definition/server-definition.ts';

/**
 * What servers there are, and which of them are connected, for whoever wants to know: dashboards, other processes, a later start. An orchestrator writes to it and
 * never asks it where a call goes.
 *
 * Lists come by precedence: the lower `priority` first, then the id, compared by code units. What is handed out and what is taken in are copies: changing one
 * changes nothing. Every method but `close` rejects with `CLOSED` after it, and otherwise as said here, or because its backend failed. Definitions hold credentials.
 *
 * Prove an implementation with `serverRegistryContract` from `@toolyard/contract-tests`.
 */
export interface ServerRegistry extends AsyncDisposable {
  readonly contract: 'registry/1';
  /**
   * Takes a server in, as not connected; or gives one that is there another definition, connected or not as it was. Rejects with `CONFIG_INVALID` for a definition
   * that `checkDefinition` refuses, and for one more than there is room for; nothing has changed then.
   */
  register(definition: ServerDefinition): Promise<void>;
  /** Resolves with whether it was there. */
  unregister(id: string): Promise<boolean>;
  get(id: string): Promise<RegisteredServer | undefined>;
  /** Those whose definitions name the domain exactly so. */
  byDomain(domain: string): Promise<readonly RegisteredServer[]>;
  byCapability(capability: string): Promise<readonly RegisteredServer[]>;
  all(): Promise<readonly RegisteredServer[]>;
  connected(): Promise<readonly RegisteredServer[]>;
  /** Rejects with `SERVER_UNKNOWN`. Doing it twice is doing it once. */
  markConnected(id: string): Promise<void>;
  /** `reason`: why, for people; 1,024 characters of it are kept. Rejects with `SERVER_UNKNOWN`. */
  markDisconnected(id: string, reason?: string): Promise<void>;
  /** Releases timers and sockets. Safe to call twice. */
  close(): Promise<void>;
}

export interface RegisteredServer {
  readonly definition: ServerDefinition;
  readonly connected: boolean;
  /** Why it is not, where somebody said so. */
  readonly reason?: string;
}
