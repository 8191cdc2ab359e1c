import { ToolyardError, type VectorIndex } from '@toolyard/protocol';
import { describe, expect, test, vi } from 'vitest';
import { optionalPackage } from '../optional-package.ts';
import { usearch } from './testing/installed-usearch.ts';
import type { UsearchModule } from './usearch/usearch-module.ts';
import { chooseIndex, vectorIndex } from './vector-index.ts';

const dimension = 24;
const vector = (seed: number): Float32Array =>
  Float32Array.from({ length: dimension }, (_, i) => Math.sin(seed * 7.3 + i * (1 + (seed % 11))));

function filled(index: VectorIndex, count: number): VectorIndex {
  for (let slot = 0; slot < count; slot++) index.set(slot, vector(slot));
  return index;
}

test('auto asks for usearch when many vectors are expected, and does without where it is missing', async () => {
  const missing = vi.fn<() => Promise<UsearchModule>>(() =>
    optionalPackage<UsearchModule>('a-package-that-is-not-installed'),
  );
  using few = await chooseIndex({ dimension, expected: 199_999 }, missing);
  using flat = await chooseIndex({ dimension, expected: 200_000, kind: 'flat' }, missing);
  expect([few.size, flat.size, missing.mock.calls.length]).toEqual([0, 0, 0]);
  using many = filled(await chooseIndex({ dimension, expected: 200_000 }, missing), 3);
  expect(missing).toHaveBeenCalledOnce();
  expect(many.nearest(vector(2), 1)).toMatchObject([{ slot: 2 }]);
});

test('usearch is refused with the name of the package where that is missing', async () => {
  const error = await chooseIndex({ dimension, kind: 'usearch' }, () => optionalPackage('not-installed')).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'PACKAGE_MISSING', facts: { package: 'not-installed' } });
  expect(ToolyardError.is(error) && error.message).toContain('npm install not-installed');
});

test('a failure of usearch that is no missing package is not swallowed', async () => {
  const broken = chooseIndex({ dimension, expected: 1e6 }, () => Promise.reject(new Error('broken')));
  await expect(broken).rejects.toThrow('broken');
});

describe.skipIf(typeof usearch === 'string')('with usearch', () => {
  test.each([
    ['flat', 'usearch'],
    ['usearch', 'flat'],
  ] as const)('what a %s index saved, a %s index reads', async (from, to) => {
    using before = filled(await vectorIndex({ dimension, kind: from }), 100);
    before.delete(50);
    using after = await vectorIndex({ dimension, kind: to, saved: before.save() });
    expect(after.size).toBe(99);
    expect(after.nearest(vector(77), 99)).toEqual(before.nearest(vector(77), 99));
  });

  test('a graph that usearch does not take is built anew', async () => {
    if (typeof usearch === 'string') return;
    using before = filled(await vectorIndex({ dimension, kind: 'usearch' }), 50);
    let loads = 0;
    class Refusing extends usearch.Index {
      override load(): void {
        loads++;
        throw new Error('of another version');
      }
    }
    const options = { dimension, kind: 'usearch', saved: before.save() } as const;
    using after = await chooseIndex(options, async () => ({ Index: Refusing }));
    expect(loads).toBe(1);
    expect(after.nearest(vector(7), 1)).toMatchObject([{ slot: 7 }]);
  });

  test('building a graph ends with the signal', async () => {
    using before = filled(await vectorIndex({ dimension, kind: 'flat' }), 1_000);
    const options = { dimension, kind: 'usearch', saved: before.save(), signal: AbortSignal.abort() } as const;
    await expect(vectorIndex(options)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

const kinds = typeof usearch === 'string' ? (['flat'] as const) : (['flat', 'usearch'] as const);

test.each(kinds)('a %s index takes no more memory than it may, and goes on', async (kind) => {
  const maxBytes = 256 * 1_024;
  using index = await vectorIndex({ dimension, kind, maxBytes });
  let count = 0;
  const overfill = (): void => {
    for (; count < 100_000; count++) index.set(count, vector(count));
  };
  expect(overfill).toThrow(expect.objectContaining({ code: 'INDEX_FULL', facts: { limitBytes: maxBytes } }));
  // 64 KiB for itself, then blocks of 1,024 vectors with their lengths.
  expect(count).toBe(1_024 * Math.floor((maxBytes - 65_536) / (1_024 * (32 + 4))));
  expect(index.size).toBe(count);
  expect(() => index.set(2 ** 31 - 1, vector(1))).toThrow(expect.objectContaining({ code: 'INDEX_FULL' }));
  index.set(0, vector(count + 1));
  expect(index.nearest(vector(count + 1), 1)).toMatchObject([{ slot: 0 }]);
  await expect(vectorIndex({ dimension, kind, maxBytes: 65_536, saved: index.save() })).rejects.toMatchObject({
    code: 'INDEX_FULL',
  });
});

test.each([0, -1, 1.5, Number.NaN, 16_385])('dimension %d is refused', async (bad) => {
  await expect(vectorIndex({ dimension: bad })).rejects.toMatchObject({ code: 'VECTOR_INVALID' });
});

test('at the largest dimension no sum runs over', async () => {
  using index = await vectorIndex({ dimension: 16_384 });
  const ones = new Float32Array(16_384).fill(1);
  index.set(0, ones);
  expect(index.similarity(ones, 0)).toBeCloseTo(1, 5);
  expect(
    index.similarity(
      ones.map(() => -3),
      0,
    ),
  ).toBeCloseTo(-1, 5);
});
