import type { UpstreamSpec } from './upstreams.ts';

/** How a server goes wrong in one call. The caller asks for it, so that it knows what may come of it. */
const httpFaults = [
  'cut',
  'cut-body',
  'cut-event',
  'stall',
  'stall-body',
  'trickle',
  'length-long',
  'length-short',
  'smuggle',
  'twice',
  'other-id',
  'no-id',
  'bad-utf8',
  'bad-json',
  'deep',
  'half',
  'huge',
  'huge-event',
  'huge-length',
  'status-500',
  'status-503',
  'wrong-type',
  'noise',
  'foreign-progress',
  'die',
] as const;

const pipeFaults = [
  'cut',
  'cut-body',
  'stall',
  'stall-body',
  'trickle',
  'twice',
  'other-id',
  'bad-utf8',
  'bad-json',
  'deep',
  'half',
  'huge',
  'noise',
  'foreign-progress',
  'die',
] as const;

/** Beside those of every pipe. */
const grpcFaults = ['reset', 'go-away', 'bad-status', 'bad-frame', 'bad-proto'] as const;

export type Fault = (typeof httpFaults)[number] | (typeof pipeFaults)[number] | (typeof grpcFaults)[number];

export function faultsOf(wire: UpstreamSpec['wire']): readonly Fault[] {
  if (wire === 'http') return httpFaults;
  return wire === 'grpc' ? [...pipeFaults, ...grpcFaults] : pipeFaults;
}

/** After these the server gives the right reply, too; nothing else may come of them unless something else happens to the connection. */
const harmless: ReadonlySet<Fault> = new Set<Fault>(['trickle', 'twice', 'noise', 'foreign-progress', 'go-away']);

/** Whether a call that asked for it may get a result. On a pipe an answer for nobody is passed over, and the right one counts. */
export function mayAnswer(fault: Fault, wire: 'http' | 'pipe'): boolean {
  return harmless.has(fault) || (wire === 'pipe' && fault === 'other-id');
}

const dear: ReadonlySet<Fault> = new Set<Fault>(['huge', 'huge-event', 'die']);
const cuts: ReadonlySet<Fault> = new Set<Fault>(['cut', 'cut-body']);

/** Whether it sends 100 MB or ends a process, as a cut does on stdio, and is to be asked for seldom. */
export function isCostly(fault: Fault, wire: UpstreamSpec['wire']): boolean {
  return dear.has(fault) || (wire === 'stdio' && cuts.has(fault));
}

export const hugeBytes = 100 * 1024 * 1024;
