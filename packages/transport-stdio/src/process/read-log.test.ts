import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readLog } from './read-log.ts';

const mib = 1024 * 1024;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function reading() {
  const stream = new PassThrough({ highWaterMark: 1 });
  const said: { line: string; level: string | undefined }[] = [];
  const log = readLog(stream, { name: 'stderr', onLine: (line, level) => said.push({ line, level }) });
  let takenBytes = 0;
  stream.on('data', (chunk: Buffer) => (takenBytes += chunk.length));
  return {
    stream,
    log,
    warnings: () => said.filter(({ level }) => level === 'warn').length,
    lines: () => said.filter(({ level }) => level === undefined).map(({ line }) => line),
    /** Writes for as long as it is read, up to so many bytes, and tells how many were. */
    async pour(bytes: number, line: string): Promise<number> {
      const before = takenBytes;
      const chunk = Buffer.from(line.repeat(Math.ceil((64 * 1024) / line.length)));
      while (takenBytes - before < bytes && !stream.isPaused()) {
        stream.write(chunk);
        await setImmediate();
      }
      return takenBytes - before;
    },
  };
}

const long = `${'x'.repeat(8_191)}\n`;

test('what comes at once is read at once, up to 8 MiB', async () => {
  const { pour, warnings, stream } = reading();
  expect(await pour(7 * mib, long)).toBeGreaterThanOrEqual(7 * mib);
  expect(stream.isPaused()).toBe(false);
  expect(warnings()).toBe(0);
});

test('a flood is read at 1 MiB a second after that, which is said once', async () => {
  const { pour, warnings } = reading();
  const first = await pour(100 * mib, long);
  expect(first / mib).toBeCloseTo(8, 0);
  let more = 0;
  for (let step = 0; step < 100; step++) {
    vi.advanceTimersByTime(100);
    more += await pour(100 * mib, long);
  }
  expect(more / mib).toBeGreaterThan(9);
  expect(more / mib).toBeLessThan(11);
  expect(warnings()).toBe(1);
  vi.advanceTimersByTime(20_000);
  await pour(100 * mib, long);
  expect(warnings()).toBe(2);
});

test('short lines count for more than their bytes', async () => {
  const { pour } = reading();
  expect(await pour(100 * mib, 'x\n')).toBeLessThan(0.5 * mib);
});

test('what is left when its writer has ended is read at once, the last line too', async () => {
  const { pour, stream, log, lines } = reading();
  await pour(100 * mib, long);
  stream.end('so that is why');
  expect(stream.isPaused()).toBe(true);
  log.finish();
  await log.ended;
  expect(log.tail().at(-1)).toBe('so that is why');
  expect(lines().at(-1)).toMatch(/more lines dropped/);
  expect(vi.getTimerCount()).toBe(0);
});
