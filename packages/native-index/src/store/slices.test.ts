import { expect, it } from 'vitest';
import { createSlices } from './slices.ts';

it('lets others have their turn when it is due', async () => {
  const slices = createSlices(undefined);
  while (!slices.due());
  let others = false;
  setImmediate(() => (others = true));
  await slices.rest();
  expect(others).toBe(true);
});
