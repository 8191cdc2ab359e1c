import type { AuthShape, ServerDefinition, ServerTarget, ServiceTarget } from '@toolyard/registry';

/** A server to orchestrate: what a configuration file gives (`ServerDefinition`), or just an id and a target. Ids are those of the registry, and unique. */
export interface ServerEntry extends Pick<ServerDefinition, 'id'>, Partial<Omit<ServerDefinition, 'id' | 'target'>> {
  /** Where it is, or what answers in this process. */
  readonly target: ServerTarget | ServiceTarget;
  /** What a server at a URL wants to see: a header more, as in the file. */
  readonly auth?: AuthShape;
}
