// For users: read the file that says what servers there are.
export { parseConfiguration } from './parse-configuration.ts';
export { readConfiguration } from './read-configuration.ts';
export type { ParseOptions } from './parse-configuration.ts';
export type {
  ConfigNotice,
  Configuration,
  LogThreshold,
  OrchestrationSettings,
  ServerDefinition,
} from './configuration.ts';
export type { Environment } from './document/references.ts';

// For implementers.
export { logThresholds } from './configuration.ts';
