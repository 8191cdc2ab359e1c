import type { ToolIndex } from '@toolyard/native-index';
import type { FoundTool, Orchestrator, ToolFinder } from '@toolyard/orchestrator';
import { ToolyardError } from '@toolyard/protocol';

import type { Logger } from '../log/logger.ts';
import { followCatalogue, type FollowedCatalogue, type FollowOptions } from './follow-catalogue.ts';
import type { IndexFile } from './index-file.ts';
import { type IndexKeeper, keepIndex } from './keep-index.ts';
import type { OpenIndex } from './open-index.ts';

/** Changes of the catalogue within this time are written as one. */
const changesKeptWithinMs = 30_000;
/** What is used together changes all the time, and is worth less. */
const useKeptWithinMs = 600_000;

export interface CatalogueIndexOptions extends Pick<FollowOptions, 'servers'> {
  readonly catalogue: FollowedCatalogue & { readonly events: { readonly catalogue: CatalogueEvents } };
  readonly open: () => Promise<OpenIndex>;
  readonly file: IndexFile;
  readonly log: Logger;
}

type CatalogueEvents = Pick<Orchestrator['events']['catalogue'], 'listen'>;

/** Finds tools of a catalogue that it follows. */
export interface CatalogueIndex extends ToolFinder {
  /** Makes the index, if nobody has asked for anything yet. Rejects with what opening it rejects with; the next one who asks tries again. */
  warm(): Promise<void>;
  /** Writes what is not written yet. Safe to call twice. */
  close(): Promise<void>;
}

interface Running extends OpenIndex {
  readonly keeper: IndexKeeper;
}

/**
 * Follows from the first question on: tools that come and change are taken in as soon as the catalogue tells. Those of a server that is down stay; who asks leaves
 * them out with `allows`, as nobody can call them.
 */
export function createCatalogueIndex(options: CatalogueIndexOptions): CatalogueIndex {
  const { catalogue, servers, file, log } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let opened: Promise<ToolIndex> | undefined;
  let running: Running | undefined;
  let stopListening = (): void => {};
  let closed: Promise<void> | undefined;

  async function begin(): Promise<ToolIndex> {
    const opening = await options.open();
    if (signal.aborted) {
      await opening.close();
      throw closedError();
    }
    const { index } = opening;
    const keeper = keepIndex(index, file, log);
    running = { index, keeper, close: () => opening.close() };
    const follow = followCatalogue(index, { catalogue, servers, signal });
    const sync = (): Promise<void> =>
      follow().then(
        (changed) => {
          if (changed) keeper.changed(changesKeptWithinMs);
        },
        (error: unknown) => {
          if (!signal.aborted) log.warn({ err: error }, 'Tools could not be taken into the search index.');
        },
      );
    stopListening = catalogue.events.catalogue.listen((kinds) => {
      if (kinds.includes('tools')) void sync();
    });
    await sync();
    return index;
  }

  function start(): Promise<ToolIndex> {
    if (signal.aborted) return Promise.reject(closedError());
    opened ??= begin().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  async function end(): Promise<void> {
    closing.abort();
    stopListening();
    await opened?.catch(() => undefined);
    await running?.keeper.close();
    await running?.close();
  }

  return {
    async warm() {
      await start();
    },
    async find(query, { limit, servers: among, tags, allows, signal: cancel }) {
      const index = await orCancelled(start(), cancel);
      const filter = {
        ...(among !== undefined && { servers: among }),
        ...(tags !== undefined && { tags }),
        allows: ({ id }: { readonly id: string }) => allows(id),
      };
      const { hits } = await index.search(query, { limit, filter, signal: cancel });
      return hits.map(({ id, score }): FoundTool => ({ id, score }));
    },
    used(ids) {
      if (running === undefined || signal.aborted) return;
      running.index.used(ids);
      running.keeper.changed(useKeptWithinMs);
    },
    close: () => (closed ??= end()),
  };
}

async function orCancelled<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: cancelled, reject } = Promise.withResolvers<never>();
  const cancel = (): void => reject(new ToolyardError('CANCELLED', {}, 'The search was cancelled.'));
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await Promise.race([promise, cancelled]);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function closedError(): ToolyardError {
  return new ToolyardError('CLOSED', { what: 'tool index' }, 'The tool index is closed.');
}
