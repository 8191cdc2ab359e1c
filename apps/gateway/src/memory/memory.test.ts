import { PerformanceObserver, constants } from 'node:perf_hooks';

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

  it('once after each six megabytes of them, when the response was given away', async () => {
    const collect = vi.fn<() => void>();
    const call = served(collect, 1_048_576);
    await call(5);
    expect(collect).toHaveBeenCalledTimes(0);
    await call(1);
    expect(collect).toHaveBeenCalledTimes(1);
    await call(5);
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
    const result = RawObject.of({ text: 'x'.repeat(9_000_000) });
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
    for (const entry of list.getEntries()) kinds.push(Reflect.get(Object(Reflect.get(entry, 'detail')), 'kind'));
  });
  observer.observe({ entryTypes: ['gc'] });
  youngCollection()?.();
  await vi.waitFor(() => expect(kinds).toContain(constants.NODE_PERFORMANCE_GC_MINOR));
  observer.disconnect();
  expect(kinds).not.toContain(constants.NODE_PERFORMANCE_GC_MAJOR);
  expect(globalThis).not.toHaveProperty('gc');
});
