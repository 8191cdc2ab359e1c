import type { Target } from '../processes/start-target.ts';
import type { HeapFigures } from '../targets/heap-probe.ts';
import { programs } from './places.ts';

/** What makes a gateway tell what it holds; it has to be started with `ipc`, too. */
export const probed: { readonly nodeArgs: readonly string[] } = {
  nodeArgs: ['--expose-gc', '--import', programs.heapProbe],
};

export async function heldBy(gateway: Target): Promise<HeapFigures> {
  return (await gateway.ask('memory')) as HeapFigures;
}
