import type { Speech } from '../load/caller.ts';
import { runLoad } from '../load/run-load.ts';
import type { LoadFigures } from '../load/tally.ts';
import type { Target } from '../processes/start-target.ts';

/** One closed loop against a target. Throws where an answer was wrong, unless `mayFail`. */
export async function measureTarget(
  name: string,
  target: Target,
  order: { readonly speech: Speech; readonly connections: number; readonly seconds: number },
  mayFail = false,
): Promise<LoadFigures> {
  const figures = await runLoad({ ...order, url: target.url, pid: target.pid });
  if (figures.errors > 0 && !mayFail)
    throw new Error(`${name}: ${figures.errors} wrong replies, the first: ${figures.firstError}`);
  return figures;
}
