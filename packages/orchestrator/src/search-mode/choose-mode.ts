import { setImmediate } from 'node:timers/promises';
import type { ProfileMode } from '@toolyard/registry';
import type { ProfileView } from '../views/view.ts';
import type { CountTokens } from './tool-finder.ts';

/** Above this many tokens `auto` turns to search. */
export const defaultSearchBudgetTokens = 10_000;

/** Others get their turn after so many tools. */
const toolsPerTurn = 50;

/** Which mode these tools are shown in: `auto` is `search` once their definitions cost more than the budget. */
export interface ModeChoice {
  (tools: ProfileView['tools']): Promise<'direct' | 'search'>;
}

/** Counts the same tools once, one by one, and stops as soon as the budget is exceeded. */
export function chooseMode(mode: ProfileMode, budgetTokens: number, countTokens: CountTokens): ModeChoice {
  let last: { readonly tools: ProfileView['tools']; readonly chosen: Promise<'direct' | 'search'> } | undefined;
  return (tools) => {
    if (mode !== 'auto') return Promise.resolve(mode);
    if (last?.tools === tools) return last.chosen;
    const chosen = count(tools, budgetTokens, countTokens);
    last = { tools, chosen };
    // What failed is tried again by the next who asks.
    chosen.catch(() => {
      if (last?.chosen === chosen) last = undefined;
    });
    return chosen;
  };
}

async function count(
  shown: ProfileView['tools'],
  budgetTokens: number,
  countTokens: CountTokens,
): Promise<'direct' | 'search'> {
  let cost = 0;
  let at = 0;
  for (const { definition } of shown.values()) {
    cost += await countTokens(definition.text);
    if (cost > budgetTokens) return 'search';
    if (++at % toolsPerTurn === 0) await setImmediate();
  }
  return 'direct';
}
