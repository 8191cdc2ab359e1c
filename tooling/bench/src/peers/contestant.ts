import type { BenchYard } from '../commands/bench-yard.ts';
import type { Speech } from '../load/caller.ts';
import type { Target } from '../processes/start-target.ts';

/** Which way a contestant relays: from clients over HTTP to a server over HTTP or in a process, or from a client that started it to a server over HTTP. */
export type Way = 'http to http' | 'http to stdio' | 'stdio to http';

export interface Place {
  readonly yard: BenchYard;
  /** The server over HTTP. */
  readonly upstreamUrl: string;
}

/** What listens, and is measured over HTTP. */
export interface Listening {
  readonly name: string;
  readonly way: 'http to http' | 'http to stdio';
  readonly speech: Speech;
  start(place: Place): Promise<Target>;
}

/** What its client starts, and is measured over its stdin and stdout. */
export interface Started {
  readonly name: string;
  readonly way: 'stdio to http';
  readonly speech: 'modern' | 'session';
  /** For Node. */
  args(place: Place): Promise<readonly string[]>;
}

export type Contestant = Listening | Started;
