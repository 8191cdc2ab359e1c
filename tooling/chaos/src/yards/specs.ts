import type { UpstreamSpec } from '../upstreams.ts';

/** The servers of every yard. */
export const specs: readonly UpstreamSpec[] = (['http', 'stdio', 'ws', 'grpc'] as const).flatMap((wire) =>
  (['modern', 'legacy'] as const).map((era) => ({ id: `${wire}-${era}`, wire, era })),
);

/** The tool whose answers the cache may keep, and for how long. */
export const keptTool = 'keep';
export const keptMs = 5_000;
