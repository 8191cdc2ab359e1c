import type { Target } from '../processes/start-target.ts';
import type { Peaks } from '../targets/many-upstreams.ts';
import type { BenchYard } from './bench-yard.ts';
import { programs } from './places.ts';

export interface FleetOptions {
  readonly servers: number;
  readonly tools: number;
  readonly delayMs: number;
}

/** Many servers over HTTP in one process on core 1. */
export interface UpstreamFleet {
  readonly target: Target;
  readonly urls: readonly string[];
  /** For a configuration of the gateway. */
  readonly servers: Readonly<Record<string, { readonly url: string }>>;
  peaks(): Promise<Peaks>;
}

export async function startFleet(yard: BenchYard, { servers, tools, delayMs }: FleetOptions): Promise<UpstreamFleet> {
  const env = { BENCH_SERVERS: String(servers), BENCH_TOOLS: String(tools), BENCH_DELAY_MS: String(delayMs) };
  const target = await yard.start(1, [programs.manyUpstreams], { env });
  const ask = async (path: string): Promise<unknown> => (await fetch(new URL(path, target.url))).json();
  const urls = (await ask('/urls')) as string[];
  return {
    target,
    urls,
    servers: Object.fromEntries(urls.map((url, at) => [`server-${at}`, { url }])),
    peaks: async () => (await ask('/peaks')) as Peaks,
  };
}
