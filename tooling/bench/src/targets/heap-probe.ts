/** Loaded into a program that is measured from outside, with `--expose-gc`: tells over its channel what it holds after a full collection, or writes a heap snapshot. */
import { writeHeapSnapshot } from 'node:v8';

export interface HeapFigures {
  /** Heap and what it holds outside. */
  readonly heldBytes: number;
  readonly residentBytes: number;
}

/** What is finalised in one is given back in the next. */
const collections = 3;

async function held(): Promise<HeapFigures> {
  for (let round = 0; round < collections; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heldBytes: heapUsed + external, residentBytes: rss };
}

process.on('message', (message: string) => {
  if (message === 'memory') void held().then((figures) => process.send?.(figures));
  else process.send?.(writeHeapSnapshot(message));
});
// It does not keep the program alive.
process.channel?.unref();
