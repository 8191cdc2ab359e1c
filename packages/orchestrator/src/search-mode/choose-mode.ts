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
  (tools: ProfileView['tools']): Promise<Mode>;
}

type Mode = 'direct' | 'search';

/** What is wanted; looked at each time, since it may change. */
export interface WantedMode {
  readonly mode: ProfileMode;
  readonly budgetTokens?: number | undefined;
}

/** Counts the same tools once, one by one, and stops as soon as the budget is exceeded. */
export function chooseMode(wanted: WantedMode, countTokens: CountTokens): ModeChoice {
  let last: { readonly tools: object; readonly budgetTokens: number; readonly chosen: Promise<Mode> } | undefined;
  return (tools) => {
    const { mode, budgetTokens = defaultSearchBudgetTokens } = wanted;
    if (mode !== 'auto') return Promise.resolve(mode);
    if (last?.tools === tools && last.budgetTokens === budgetTokens) return last.chosen;
    const chosen = count(tools, budgetTokens, countTokens);
    last = { tools, budgetTokens, chosen };
    // What failed is tried again by the next who asks.
    chosen.catch(() => {
      if (last?.chosen === chosen) last = undefined;
    });
    return chosen;
  };
}

async function count(shown: ProfileView['tools'], budgetTokens: number, countTokens: CountTokens): Promise<Mode> {
  let cost = 0;
  let at = 0;
  for (const { definition } of shown.values()) {
    cost += await countTokens(definition.text);
    if (cost > budgetTokens) return 'search';
    if (++at % toolsPerTurn === 0) await setImmediate();
  }
  return 'direct';
}
