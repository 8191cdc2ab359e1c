import type { Target } from '@toolyard/protocol';
import type { ServerDefinition } from '@toolyard/registry';
import type { ServiceTarget } from './fleet/in-process.ts';

/** A server to orchestrate: what a configuration file gives (`ServerDefinition`), or just an id and a target. Ids are those of the registry, and unique. */
export interface ServerEntry extends Pick<ServerDefinition, 'id'>, Partial<Omit<ServerDefinition, 'id' | 'target'>> {
  /** Where it is, or what answers in this process. */
  readonly target: Target | ServiceTarget;
}
