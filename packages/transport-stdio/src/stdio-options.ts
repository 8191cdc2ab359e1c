import type { Readable, Writable } from 'node:stream';
import type { Parking, PipeConnectOptions, PipeServeOptions } from '@toolyard/protocol';
import type { ProcessGovernor } from './process/process-governor.ts';

export interface StdioTransportOptions {
  /** Where the harmless variables come from that children get to see (see the README for the list). Default: the environment when the transport is made. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** How long a server may take to end after its stdin was closed, before it gets SIGTERM. Default 2,000. */
  readonly stdinGraceMs?: number;
  /** How long it may take after SIGTERM, before it is killed. Default 2,000. */
  readonly termGraceMs?: number;
  /**
   * What ends the children when this process is killed. `guardian` is a small shell process beside this one (needs `/bin/sh`). `none` leaves it to something
   * else: the kernel does it where this process is the first of a container, and on Windows. Default: `none` there, `guardian` elsewhere.
   */
  readonly orphans?: 'guardian' | 'none';
  /** Bounds how many processes there are; to be shared with all else that starts some. Default: one of this transport, with its defaults. */
  readonly governor?: ProcessGovernor;
  /** Where calls of older servers wait while their question is with the caller. Default: one for all connections of this transport. */
  readonly parking?: Parking;
}

export type StdioConnectOptions = Omit<PipeConnectOptions, 'wire' | 'pid' | 'remember'>;

export interface StdioServeOptions extends PipeServeOptions {
  /** Where requests come from. Default `process.stdin`. */
  readonly input?: Readable;
  /** Where answers go. Default `process.stdout`, which is then ours alone: what others write to it goes to stderr until the listener closes. */
  readonly output?: Writable;
  /** How long calls in flight may go on after the client has closed its end. Default 1,000. */
  readonly endDrainMs?: number;
}
