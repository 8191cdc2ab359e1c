import { millisecondsFrom } from '@toolyard/protocol';
import { checkParams } from '../checking/check-params.ts';
import { numberBy, type Shape } from '../checking/shape.ts';
import type { DrainOptions } from './operations.ts';

const drainShape: Shape<DrainOptions> = {
  drainMs: numberBy(millisecondsFrom(0, { max: 86_400_000, endless: true })),
};

/** How long calls in flight may take to finish. Throws `INVALID_PARAMS` for what is no time. */
export function drainOf(given: DrainOptions = {}): number {
  checkParams('What was asked for', given, drainShape);
  return given.drainMs ?? 30_000;
}
