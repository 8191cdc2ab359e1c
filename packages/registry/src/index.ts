// For users: read the file that says what servers there are.
export { parseConfiguration } from './parse-configuration.ts';
export { readConfiguration } from './read-configuration.ts';
export type { ParseOptions } from './parse-configuration.ts';
export type {
  ConfigNotice,
  Configuration,
  LogThreshold,
  OrchestrationSettings,
  ProfileDefinition,
  ProfileMode,
  ServerDefinition,
  ToolWording,
} from './configuration.ts';
export type { Environment } from './document/references.ts';

// For implementers.
export { checkProfiles } from './check-profiles.ts';
export { parseSecret } from './secret.ts';
export type { ParsedSecret } from './secret.ts';
export { logThresholds } from './configuration.ts';
