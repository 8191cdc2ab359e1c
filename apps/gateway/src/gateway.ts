import type { KeyObject } from 'node:crypto';

import type { Configuration, Environment } from '@toolyard/registry';

import type { ClientPlace } from './doors/open-doors.ts';
import type { Logger } from './log/logger.ts';
import type { MetricsAudience } from './observe/metrics-door.ts';
import type { GatewayStatus } from './status/status.ts';

export interface GatewayOptions {
  readonly configuration: Configuration;
  /** The configuration's folder: where programs are looked up. */
  readonly folder: string;
  /** The folder for what it keeps between one run and the next. */
  readonly data: string;
  readonly environment: Environment;
  /** What the keys for all that it hands out sealed are derived from. */
  readonly secret: KeyObject;
  /** What those show who may see its processes. Default: nobody may. */
  readonly operator?: string | undefined;
  readonly log: Logger;
  /** Is told of each configuration that is taken over, before anything is done with it. */
  readonly onReload?: (configuration: Configuration) => void;
  /** Who is shown `/metrics`. Default `local`. */
  readonly metrics?: MetricsAudience;
  /** The profile that is served there. Default: `default` where there is one, else everything. */
  readonly profile?: string;
  /** Where clients connect. */
  readonly at: ClientPlace;
}

/** A gateway that serves. */
export interface Gateway extends AsyncDisposable {
  /** `undefined` where it serves on stdin and stdout. */
  readonly endpoint: string | undefined;
  /** `detailed`: with words about failures that are for who runs the gateway only. */
  status(detailed?: boolean): GatewayStatus;
  /**
   * Goes on with another configuration: servers that differ are deployed anew or undeployed, profiles that differ show something else, and settings that can hold from
   * now on do; the rest notices nothing. Resolves when it holds; what becomes of each server is in the log. Rejects with `CONFIG_INVALID`, and changes nothing, where it
   * cannot run with it; does nothing while it closes.
   */
  reload(configuration: Configuration): Promise<void>;
  /** Resolves when each server is up or has failed once, or soon after, with those still starting. Until then calls are held. Rejects with `START_FAILED`. */
  readonly settled: Promise<void>;
  /** Resolves once when it is over by itself: stdin closed. */
  readonly closed: Promise<Error | undefined>;
  /** Takes no new calls, lets those in flight finish for `drainMs`, ends all servers. Safe to call twice. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}
