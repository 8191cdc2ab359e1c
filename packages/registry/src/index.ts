// For users: read the file that says what servers there are, or define one without a file.
export { defineServer } from './define-server.ts';
export { parseConfiguration } from './parse-configuration.ts';
export { readConfiguration } from './read-configuration.ts';
export type { ParseOptions } from './parse-configuration.ts';
export type {
  ConfigNotice,
  Configuration,
  InstanceBounds,
  LogThreshold,
  OrchestrationSettings,
  ProfileDefinition,
  ProfileMode,
  ServerDefinition,
  ToolWording,
} from './configuration.ts';
export type { AuthShape, ProcessShape, ServerShape } from './shape.ts';
export type { Environment } from './document/references.ts';

// For implementers.
export { checkProfiles } from './check-profiles.ts';
export { parseSecret } from './secret.ts';
export type { ParsedSecret } from './secret.ts';
export { logThresholds } from './configuration.ts';
export { maxInstances } from './shape.ts';
