import { ToolyardError } from '@toolyard/protocol';
import type { SearchFilter, SearchOptions } from '../tool-index.ts';

const defaultLimit = 10;
const maxLimit = 1000;

export interface CheckedOptions {
  readonly limit: number;
  readonly minScore: number;
  readonly tokenBudget: number | undefined;
  readonly filter: SearchFilter | undefined;
  readonly expand: 'none' | 'declared' | 'inferred';
  readonly signal: AbortSignal | undefined;
}

/** Throws `INVALID_PARAMS`. */
export function readOptions(query: string, options: SearchOptions): CheckedOptions {
  const { limit = defaultLimit, minScore = 0, tokenBudget, filter, expand = 'inferred', signal } = options;
  if (typeof query !== 'string' || query.trim() === '') throw invalid('the query is empty');
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit)
    throw invalid(`limit is not an integer from 1 to ${maxLimit}`);
  if (!(minScore >= 0 && minScore <= 1)) throw invalid('minScore is not a number from 0 to 1');
  if (tokenBudget !== undefined && !(Number.isInteger(tokenBudget) && tokenBudget >= 0))
    throw invalid('tokenBudget is not an integer of at least 0');
  if (!['none', 'declared', 'inferred'].includes(expand))
    throw invalid('expand is not one of none, declared, inferred');
  return { limit, minScore, tokenBudget, filter, expand, signal };
}

export function invalid(reason: string): ToolyardError {
  return new ToolyardError('INVALID_PARAMS', { reason }, `The search cannot be run: ${reason}.`);
}
