import { millisecondsFrom } from '@toolyard/protocol';
import { checkParams } from '../checking/check-params.ts';
import { numberBy, type Shape } from '../checking/shape.ts';

/** How long calls in flight may take to finish before what answers them is closed; what is no time is `INVALID_PARAMS`. */
export interface DrainOptions {
  /** Default 30,000; from 0 to 86,400,000. `Infinity`: as long as they take. */
  readonly drainMs?: number;
}

const drainShape: Shape<DrainOptions> = {
  drainMs: numberBy(millisecondsFrom(0, { max: 86_400_000, endless: true })),
};

/** How long calls in flight may take to finish. Throws `INVALID_PARAMS` for what is no time. */
export function drainOf(given: DrainOptions = {}): number {
  checkParams('What was asked for', given, drainShape);
  return given.drainMs ?? 30_000;
}
