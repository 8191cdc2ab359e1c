// For users.
export { createOrchestrator } from './create-orchestrator.ts';
export type { Orchestrator, OrchestratorSession } from './orchestrator.ts';
export type { AdjustableOptions, OrchestratorOptions } from './options.ts';
export type { Limits } from './limits.ts';
export type { ServerEntry } from './server-entry.ts';
export { searchMode } from './search-mode/search-mode.ts';
export type { SearchModeOptions } from './search-mode/search-mode.ts';
export type { ProfileProblem, ProfileView, View, ViewTool } from './views/view.ts';
export { takesCalls } from './status.ts';
export type { Failure, InstanceStatus, InstanceUrl, ServerState, ServerStatus, Transition } from './status.ts';
export type { OutcomeSummary } from './resilience/outcomes.ts';
export type { FleetHealth } from './fleet/fleet-health.ts';
export type { DrainOptions } from './fleet/drain-options.ts';
export type { FleetOperations, ServerRequest } from './fleet/operations.ts';
export type { FindServersOptions, ServerQueries } from './gathering/gathering.ts';
export type { GatherOptions } from './gathering/asking.ts';
export type { GatherAllOptions, GatheredResources } from './gathering/gather-all-resources.ts';
export type { DomainResources } from './gathering/resources-for-domain.ts';
export type { ListedResources, ResourcesOutcome } from './gathering/list-resources.ts';
export type { BriefStatus, FleetStatus } from './gathering/fleet-status.ts';
export type { RegistryProblem } from './gathering/registry-keeper.ts';
export type { ServiceTarget } from '@toolyard/registry';
export type { LeftOut } from './catalogue/entries/entry.ts';
export type { Kind } from './catalogue/kinds.ts';
export type { Told } from '@toolyard/protocol';

export type { MemoryOf } from './governing/govern.ts';
export type { Recycled } from './governing/rules.ts';

// For those who build on its parts.
export type { CountTokens, FindOptions, FoundTool, ToolFinder } from './search-mode/tool-finder.ts';
export { defaultLimits } from './limits.ts';
export { exposedName } from './catalogue/entries/names.ts';
export { unavailableKey } from './catalogue/missing-servers.ts';
export { modeKey } from './search-mode/search-mode.ts';
