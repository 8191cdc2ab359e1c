import { expect, it } from 'vitest';
import { column } from './column.ts';

it('V8 counts nothing for a column, so that none of it brings a collection of garbage on', () => {
  const before = process.memoryUsage().external;
  const numbers = column(Uint32Array, 2 ** 23);
  expect(numbers.byteLength).toBe(2 ** 25);
  expect(process.memoryUsage().external - before).toBeLessThan(2 ** 24);
});
