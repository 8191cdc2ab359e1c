import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface MemorySample {
  readonly atMs: number;
  readonly heapMb: number;
  readonly rssMb: number;
}

const mb = 1024 * 1024;

/** Collects garbage, then looks. */
export function createMemoryWatch(): { sample(): MemorySample; readonly samples: readonly MemorySample[] } {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const samples: MemorySample[] = [];
  return {
    samples,
    sample() {
      // What the first one finds may hold memory outside of the heap, which goes with the second.
      collect();
      collect();
      const { heapUsed, rss, external } = process.memoryUsage();
      const taken = { atMs: performance.now(), heapMb: (heapUsed + external) / mb, rssMb: rss / mb };
      samples.push(taken);
      return taken;
    },
  };
}

/** MB a minute, by least squares. */
export function slopeOf(samples: readonly MemorySample[], pick: (sample: MemorySample) => number): number {
  const mean = (of: (sample: MemorySample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const minutes = (sample: MemorySample): number => sample.atMs / 60_000;
  const [atMean, valueMean] = [mean(minutes), mean(pick)];
  let above = 0;
  let below = 0;
  for (const sample of samples) {
    above += (minutes(sample) - atMean) * (pick(sample) - valueMean);
    below += (minutes(sample) - atMean) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
