// for whoever proves a plug-in
export type { Gaps } from './contract.ts';

// a transport
export type { RawClient, RawPeer, RawServed, RawServer, Served, TransportRig } from './transport/rig.ts';
export type { RawPipeClientOptions } from './transport/raw-pipes.ts';
export { rawPipeClient, serveRawPipe } from './transport/raw-pipes.ts';
export { transportContract } from './transport/transport-contract.ts';

// a store of events
export type { EventStoreRig } from './event-store/event-store-contract.ts';
export { eventStoreContract } from './event-store/event-store-contract.ts';

// a vector index
export type { VectorIndexRig } from './vectors/rig.ts';
export { vectorIndexContract } from './vectors/vector-index-contract.ts';

// an embedder, and one that is quick and knows nothing
export type { EmbedderRig } from './embedder/rig.ts';
export { embedderContract } from './embedder/embedder-contract.ts';
export { wordHashEmbedder } from './embedder/word-hash-embedder.ts';

// a cache
export type { CacheStoreRig } from './cache/rig.ts';
export { cacheStoreContract } from './cache/cache-store-contract.ts';

// a registry of servers
export type { ServerRegistryRig } from './registry/server-registry-contract.ts';
export { serverRegistryContract } from './registry/server-registry-contract.ts';
