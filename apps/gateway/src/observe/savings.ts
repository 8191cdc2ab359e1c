import { setImmediate } from 'node:timers/promises';

import type { CountTokens, SearchModeOptions } from '@toolyard/orchestrator';
import type { RawObject } from '@toolyard/protocol';

/** Others get their turn after so many definitions. */
const perTurn = 50;

export interface SavingsOptions {
  readonly countTokens: CountTokens;
  /** Is told of each list. */
  readonly saved: (tokens: number) => void;
  /** Where they could not be counted. */
  readonly failed: (error: unknown) => void;
}

/**
 * For each list that was answered with meta-tools: what the definitions of the tools would have cost a client in tokens, less what it was given in their
 * place. They are counted beside the call, each definition once for as long as it is the same.
 */
export function countSavings({ countTokens, saved, failed }: SavingsOptions): NonNullable<SearchModeOptions['onList']> {
  const costs = new WeakMap<RawObject, number>();
  let last: { readonly tools: object; readonly cost: Promise<number> } | undefined;
  const costOf = async (definitions: Iterable<RawObject>): Promise<number> => {
    let sum = 0;
    let counted = 0;
    for (const definition of definitions) {
      let cost = costs.get(definition);
      if (cost === undefined) {
        cost = await countTokens(definition.text);
        costs.set(definition, cost);
        if (++counted % perTurn === 0) await setImmediate();
      }
      sum += cost;
    }
    return sum;
  };
  return (listed, tools) => {
    if (last?.tools !== tools) last = { tools, cost: costOf([...tools.values()].map(({ definition }) => definition)) };
    Promise.all([last.cost, costOf(listed)]).then(
      ([whole, given]) => saved(whole - given),
      (error: unknown) => {
        // The next list counts anew.
        last = undefined;
        failed(error);
      },
    );
  };
}
