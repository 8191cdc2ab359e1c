// for users
export type { StdioConnectOptions, StdioServeOptions, StdioTransportOptions } from './stdio-options.ts';
export type { StdioTransport } from './stdio-transport.ts';
export { stdioTransport } from './stdio-transport.ts';
export type { ProcessGovernor, ProcessGovernorOptions, ProcessRequest } from './process/process-governor.ts';
export type { LiveProcess, ProcessPlace } from './process/process-place.ts';
export { createProcessGovernor } from './process/process-governor.ts';
export { processMemory } from './process/group-memory.ts';

// for implementers
export type { StreamPipeOptions } from './framing/stream-pipe.ts';
export { streamPipe } from './framing/stream-pipe.ts';
export type { Child, ChildOptions } from './process/child.ts';
export { startChild } from './process/child.ts';
export { readLog } from './process/read-log.ts';
export type { ReadLog, ReadLogOptions } from './process/read-log.ts';
export type { Guardian, GuardianOptions } from './process/guardian.ts';
export { createGuardian } from './process/guardian.ts';
