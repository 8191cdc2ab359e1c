import { execFile } from 'node:child_process';
import { PerformanceObserver, constants } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { createCall, RawObject } from '@toolyard/protocol';
import { describe, expect, it, vi } from 'vitest';

import { collectLongResults } from './long-results.ts';
import { youngCollection } from './young-collection.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the buffers of long results are collected', () => {
  const served = (collect: () => void, bytes: number) => {
    const result = RawObject.of({ resultType: 'complete', text: 'x'.repeat(bytes) });
    const service = collectLongResults(() => collect)(() => Promise.resolve({ result }));
    return async (times: number): Promise<void> => {
      for (let i = 0; i < times; i += 1)
        expect(await service(createCall('tools/call', { signal: AbortSignal.timeout(5_000) }))).toEqual({ result });
      await turn();
    };
  };

  it('once after each twelve megabytes of them, when the response was given away', async () => {
    const collect = vi.fn<() => void>();
    const call = served(collect, 1_048_576);
    await call(11);
    expect(collect).toHaveBeenCalledTimes(0);
    await call(1);
    expect(collect).toHaveBeenCalledTimes(1);
    await call(11);
    expect(collect).toHaveBeenCalledTimes(1);
    await call(1);
    expect(collect).toHaveBeenCalledTimes(2);
  });

  it('and not for short ones, however many there are', async () => {
    const collect = vi.fn<() => void>();
    await served(collect, 60_000)(100);
    expect(collect).not.toHaveBeenCalled();
  });

  it('where the runtime can, which is asked once', async () => {
    const open = vi.fn<() => undefined>();
    const result = RawObject.of({ text: 'x'.repeat(13_000_000) });
    const service = collectLongResults(open)(() => Promise.resolve({ result }));
    for (let i = 0; i < 3; i += 1) {
      await service(createCall('tools/call', { signal: AbortSignal.timeout(5_000) }));
      await turn();
    }
    expect(open).toHaveBeenCalledTimes(1);
  });
});

it('what is collected is what died young, and no global comes of it', async () => {
  const kinds: unknown[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const detail: unknown = Reflect.get(entry, 'detail');
      // What V8 collects of its own accord meanwhile says nothing of ours.
      if (Reflect.get(Object(detail), 'flags') === constants.NODE_PERFORMANCE_GC_FLAGS_FORCED)
        kinds.push(Reflect.get(Object(detail), 'kind'));
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  youngCollection()?.();
  await vi.waitFor(() => expect(kinds).toContain(constants.NODE_PERFORMANCE_GC_MINOR));
  observer.disconnect();
  expect(kinds).not.toContain(constants.NODE_PERFORMANCE_GC_MAJOR);
  expect(globalThis).not.toHaveProperty('gc');
});

describe('buffers alone', () => {
  const program = fileURLToPath(new URL('../testing/fixtures/buffer-work.ts', import.meta.url));
  /** How often V8 marked its whole heap in a process of its own. */
  const marked = async (...work: string[]): Promise<number> => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, ...work]);
    return Number.parseInt(stdout);
  };

  // V8 12, which Node 22 has, counts buffers there as well.
  const countsBuffers = Number.parseInt(process.versions.v8) < 13;
  it.skipIf(countsBuffers)('have V8 mark its heap only while they are held, from then on', async () => {
    expect(await marked('as-usual', 'drop')).toBeGreaterThan(2);
    // Once in a while it does so for the threads that compile.
    expect(await marked('for-objects', 'drop')).toBeLessThan(2);
    expect(await marked('for-objects', 'hold')).toBeGreaterThan(2);
  });
});
