import { fileURLToPath } from 'node:url';
import { runForJson } from '../processes/run-for-json.ts';
import type { LoadOrder } from './load.ts';
import type { OpenLoopFigures } from './open-loop.ts';
import type { LoadFigures } from './tally.ts';

const program = fileURLToPath(new URL('load.ts', import.meta.url));

/** Runs the load generator on core 1. */
export async function runLoad(order: LoadOrder): Promise<LoadFigures> {
  return (await runForJson(1, [program, JSON.stringify(order)])) as LoadFigures;
}

export async function runOpenLoad(order: LoadOrder & { readonly perSecond: number }): Promise<OpenLoopFigures> {
  return (await runForJson(1, [program, JSON.stringify(order)])) as OpenLoopFigures;
}
