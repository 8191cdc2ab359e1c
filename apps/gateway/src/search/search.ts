import { join } from 'node:path';

import type { TokenCounter } from '@toolyard/native-index';
import { type CountTokens, type Orchestrator, type ProfileView, searchMode } from '@toolyard/orchestrator';
import { type Service, ToolyardError } from '@toolyard/protocol';
import type { ServerDefinition } from '@toolyard/registry';

import type { Logger } from '../log/logger.ts';
import { countSavings } from '../observe/savings.ts';
import { createCatalogueIndex } from './catalogue-index.ts';
import { indexFile } from './index-file.ts';
import { openIndex } from './open-index.ts';

export interface SearchOptions {
  readonly orchestrator: Orchestrator;
  /** Those of the configuration, as it is now. */
  servers(): readonly ServerDefinition[];
  /** Where the index is kept between one run and the next. */
  readonly data: string;
  readonly log: Logger;
  /** Is told, for each list that was answered with meta-tools, how many tokens that has saved. */
  readonly saved: (tokens: number) => void;
}

/** Search for all profiles of a gateway, over one index. */
export interface Search {
  /** The view's service in the mode that its profile wants, also when that changes. */
  serviceOf(view: ProfileView): Service;
  /** Makes the index now if some profile needs it. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

export function createSearch({ orchestrator, servers, data, log, saved }: SearchOptions): Search {
  const file = indexFile(join(data, 'search-index'));
  const index = createCatalogueIndex({ catalogue: orchestrator, servers, open: () => openIndex(file, log), file, log });
  const countTokens = createTokenCount();
  return {
    serviceOf(view) {
      const onList = countSavings({
        countTokens,
        saved,
        failed: (error) => log.warn({ err: error }, 'What search saves could not be counted.'),
      });
      const searching = searchMode({
        view,
        finder: index,
        countTokens,
        get mode() {
          return view.profile.mode ?? 'direct';
        },
        get budgetTokens() {
          return view.profile.searchBudgetTokens;
        },
        onList,
      });
      return searching(view.service);
    },
    async warm() {
      if ([...orchestrator.views.values()].every(({ profile: { mode = 'direct' } }) => mode === 'direct')) return;
      await index.warm().catch((error: unknown) => {
        if (!ToolyardError.is(error, 'CLOSED')) log.warn({ err: error }, 'The search index could not be made.');
      });
    },
    close: () => index.close(),
  };
}

/** Counts o200k tokens. What it needs is loaded with the first count. */
function createTokenCount(): CountTokens {
  let counter: Promise<TokenCounter> | undefined;
  return async (text) => {
    counter ??= import('@toolyard/native-index').then(({ createTokenCounter }) => createTokenCounter());
    return (await counter).count(text);
  };
}
