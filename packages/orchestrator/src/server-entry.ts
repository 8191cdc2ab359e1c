import type { ServerDefinition } from '@toolyard/registry';

/** A server to orchestrate: what a configuration file gives (`ServerDefinition`), or just an id and a target. Ids are those of the registry, and unique. */
export type ServerEntry = Pick<ServerDefinition, 'id' | 'target'> & Partial<Omit<ServerDefinition, 'id' | 'target'>>;
