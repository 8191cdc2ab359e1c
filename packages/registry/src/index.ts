// For users: read the file that says what servers there are, or define one without a file.
export { defineServer } from './define-server.ts';
export { parseConfiguration } from './parse-configuration.ts';
export { readConfiguration } from './read-configuration.ts';
export type { ParseOptions } from './parse-configuration.ts';
export type {
  BreakerRules,
  CacheSettings,
  CallRules,
  ConfigNotice,
  Configuration,
  HealthRules,
  InstanceBounds,
  RestartRules,
  RetryRules,
  LogThreshold,
  OrchestrationSettings,
  ProfileDefinition,
  ProfileMode,
  ServerCacheRules,
  ServerDefinition,
  ServerTarget,
  ServiceTarget,
  ToolWording,
  UrlsTarget,
} from './configuration.ts';
export type { AuthShape, ProcessShape, ServerShape } from './shape.ts';
export type { Environment } from './document/references.ts';

// For users: keep what servers there are.
export { memoryServerRegistry } from './registry/memory-server-registry.ts';
export type { MemoryServerRegistryOptions } from './registry/memory-server-registry.ts';
export type { RegisteredServer, ServerRegistry } from './registry/server-registry.ts';

// For implementers.
export { readDefinition } from './definition/read-definition.ts';
export type { CheckedDefinition, ReadDefinition, ReadDefinitionOptions } from './definition/read-definition.ts';
export { targetsOf } from './definition/targets.ts';
export { configInvalid } from './parse-configuration.ts';
export { checkDefinition } from './registry/check-definition.ts';
export { checkProfiles } from './check-profiles.ts';
export { parseSecret } from './secret.ts';
export type { ParsedSecret } from './secret.ts';
export { byPrecedence } from './precedence.ts';
export { logThresholds } from './configuration.ts';
export { maxInstances } from './shape.ts';
