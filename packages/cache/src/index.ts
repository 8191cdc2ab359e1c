// For users.
export { memoryStore } from './memory/memory-store.ts';
export type { MemoryStoreOptions } from './memory/memory-options.ts';
export { redisStore } from './redis/redis-store.ts';
export type { RedisStoreOptions } from './redis/redis-options.ts';
export { layeredStore } from './layered/layered-store.ts';
export type { LayeredStoreOptions } from './layered/layered-store.ts';
export { cached } from './middleware/cached.ts';
export type { CachedEvent, CachedOptions } from './middleware/options.ts';
export { invalidationOf } from './middleware/topics.ts';

// For those who read what comes out.
export { staleKey } from './middleware/answers.ts';
