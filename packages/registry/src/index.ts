// For users: read the file that says what servers there are, or define one without a file.
export { defineServer } from './definition/define-server.ts';
export { parseConfiguration } from './configuration/parse-configuration.ts';
export { readConfiguration } from './configuration/read-configuration.ts';
export type { ParseOptions } from './configuration/parse-configuration.ts';
export type {
  BreakerRules,
  CallRules,
  HealthRules,
  HedgeRules,
  InstanceBounds,
  RestartRules,
  RetryRules,
  ServerCacheRules,
  ServerDefinition,
  ServerTarget,
  ServiceTarget,
  UrlsTarget,
} from './definition/server-definition.ts';
export type {
  CacheSettings,
  ConfigNotice,
  Configuration,
  LogThreshold,
  OrchestrationSettings,
} from './configuration/configuration.ts';
export type { ProfileDefinition, ProfileMode, ToolWording } from './definition/profile-definition.ts';
export type { AuthShape, ProcessShape, ServerShape } from './rules/server-shape.ts';
export type { Environment } from './document/references.ts';

// For users: keep what servers there are.
export { memoryServerRegistry } from './registry/memory-server-registry.ts';
export type { MemoryServerRegistryOptions } from './registry/memory-server-registry.ts';
export type { RegisteredServer, ServerRegistry } from './registry/server-registry.ts';

// For implementers.
export { readDefinition } from './definition/read-definition.ts';
export type { CheckedDefinition, ReadDefinition, ReadDefinitionOptions } from './definition/read-definition.ts';
export { targetsOf } from './definition/targets.ts';
export { configInvalid } from './document/config-invalid.ts';
export { adviceOn } from './rules/explain.ts';
export { checkDefinition } from './definition/check-definition.ts';
export { checkProfiles } from './definition/check-profiles.ts';
export { openFile } from './configuration/open-file.ts';
export type { OpenFile } from './configuration/open-file.ts';
export { parseSecret } from './rules/secret.ts';
export type { ParsedSecret } from './rules/secret.ts';
export { byPrecedence } from './definition/precedence.ts';
export { logThresholds } from './configuration/configuration.ts';
export { maxInstances } from './rules/server-shape.ts';
