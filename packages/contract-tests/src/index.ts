// for whoever proves a transport
export type { Gaps } from './contract.ts';
export type { RawClient, RawPeer, RawServed, RawServer, Served, TransportRig } from './transport/rig.ts';
export type { RawPipeClientOptions } from './transport/raw-pipes.ts';
export { rawPipeClient, serveRawPipe } from './transport/raw-pipes.ts';
export { transportContract } from './transport/transport-contract.ts';
