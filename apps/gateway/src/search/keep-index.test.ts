import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { IndexFile } from './index-file.ts';
import { type IndexKeeper, keepIndex } from './keep-index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const bytes = new Uint8Array(1);

function keeper(write: IndexFile['write'] = () => Promise.resolve(true)): {
  readonly keeper: IndexKeeper;
  readonly write: ReturnType<typeof vi.fn<IndexFile['write']>>;
  readonly warned: string[];
} {
  const warned: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void warned.push(line) });
  const written = vi.fn<IndexFile['write']>(write);
  const file = { read: () => Promise.resolve(undefined), write: written };
  return { keeper: keepIndex({ save: () => Promise.resolve(bytes) }, file, log), write: written, warned };
}

it('writes many changes once, when the first of them is due', async () => {
  const { keeper: keep, write } = keeper();
  keep.changed(600);
  keep.changed(30);
  keep.changed(600);
  await vi.advanceTimersByTimeAsync(29);
  expect(write).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(write).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(write).toHaveBeenCalledTimes(1);
  keep.changed(600);
  await vi.advanceTimersByTimeAsync(600);
  expect(write).toHaveBeenCalledTimes(2);
});

it('writes at its end what is not written yet, and waits for what is being written', async () => {
  const gate = Promise.withResolvers<boolean>();
  const { keeper: keep, write } = keeper(() => gate.promise);
  keep.changed(30);
  let closed = false;
  const closing = keep.close().then(() => (closed = true));
  await vi.advanceTimersByTimeAsync(1_000);
  expect([write.mock.calls.length, closed]).toEqual([1, false]);
  gate.resolve(true);
  await closing;
  await keep.close();
  expect(write).toHaveBeenCalledTimes(1);
});

it('warns of what cannot be written, and tries again with the next change', async () => {
  const { keeper: keep, write, warned } = keeper(() => Promise.reject(new Error('the disk is full')));
  keep.changed(30);
  await vi.advanceTimersByTimeAsync(30);
  expect(warned.join('')).toContain('the disk is full');
  write.mockResolvedValueOnce(false);
  keep.changed(30);
  await keep.close();
  expect(warned.at(-1)).toContain('The search index is too large to be kept; it is made anew after each start.');
});
