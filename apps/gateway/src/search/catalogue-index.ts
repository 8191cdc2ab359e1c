import type { ToolDocument, ToolIndex } from '@toolyard/native-index';
import type { FoundTool, Orchestrator, ToolFinder } from '@toolyard/orchestrator';
import { type RawObject, ToolyardError } from '@toolyard/protocol';
import type { ServerDefinition } from '@toolyard/registry';

import type { Logger } from '../gateway/logger.ts';
import type { IndexFile } from './index-file.ts';
import type { OpenIndex } from './open-index.ts';
import { type ServerWords, serverWords, toolDocument } from './tool-document.ts';

/** Changes within this time are written as one. */
const defaultSaveDelayMs = 30_000;

export interface CatalogueIndexOptions {
  readonly catalogue: Pick<Orchestrator, 'tools' | 'servers' | 'instructions' | 'events'>;
  /** All that are configured. */
  readonly servers: readonly Pick<ServerDefinition, 'id' | 'name' | 'tags' | 'domains'>[];
  readonly open: () => Promise<OpenIndex>;
  readonly file: IndexFile;
  readonly log: Logger;
  /** Default 30,000. */
  readonly saveDelayMs?: number;
}

/** Finds tools of a catalogue that it follows. */
export interface CatalogueIndex extends ToolFinder {
  /** Makes the index, if nobody has asked for anything yet. Rejects with what opening it rejects with; the next one who asks tries again. */
  warm(): Promise<void>;
  /** Writes what is not written yet. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Follows from the first question on: tools that come and change are taken in as soon as the catalogue tells. Those of a server that is down stay, so that its
 * return costs nothing; who asks leaves them out with `allows`, as nobody can call them.
 */
export function createCatalogueIndex(options: CatalogueIndexOptions): CatalogueIndex {
  const { catalogue, log, saveDelayMs = defaultSaveDelayMs } = options;
  const closing = new AbortController();
  let opened: Promise<ToolIndex> | undefined;
  let running: OpenIndex | undefined;
  let stopListening = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();
  let closed: Promise<void> | undefined;

  const save = (index: ToolIndex): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    saving = saving.then(async () => {
      try {
        const written = await options.file.write(await index.save());
        if (!written) log.warn('The search index is too large to be kept; it is made anew after each start.');
      } catch (error) {
        log.warn({ err: error }, 'The search index could not be kept.');
      }
    });
    return saving;
  };
  const saveSoon = (index: ToolIndex): void => {
    timer ??= setTimeout(() => void save(index), saveDelayMs).unref();
  };

  async function begin(): Promise<ToolIndex> {
    const opening = await options.open();
    if (closing.signal.aborted) {
      await opening.close();
      throw closedError();
    }
    running = opening;
    const { index } = opening;
    const follow = followCatalogue(index, options, closing.signal);
    const sync = (): Promise<void> =>
      follow().then(
        (changed) => void (changed && saveSoon(index)),
        (error: unknown) => {
          if (!closing.signal.aborted) log.warn({ err: error }, 'Tools could not be taken into the search index.');
        },
      );
    stopListening = catalogue.events.catalogue.listen((kinds) => {
      if (kinds.includes('tools')) void sync();
    });
    await sync();
    return index;
  }

  function start(): Promise<ToolIndex> {
    if (closing.signal.aborted) return Promise.reject(closedError());
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
    if (running === undefined) return;
    if (timer !== undefined) await save(running.index);
    await saving;
    await running.close();
  }

  return {
    async warm() {
      await start();
    },
    async find(query, { limit, servers, tags, allows, signal }) {
      const index = await orCancelled(start(), signal);
      const filter = {
        ...(servers !== undefined && { servers }),
        ...(tags !== undefined && { tags }),
        allows: ({ id }: { readonly id: string }) => allows(id),
      };
      const { hits } = await index.search(query, { limit, filter, signal });
      return hits.map(({ id, score }): FoundTool => ({ id, score }));
    },
    used(ids) {
      if (running === undefined || closing.signal.aborted) return;
      running.index.used(ids);
      saveSoon(running.index);
    },
    close: () => (closed ??= end()),
  };
}

/** Brings the index up to date, once at a time and once more if something changed meanwhile. Tells whether it is another now. */
function followCatalogue(
  index: ToolIndex,
  { catalogue, servers }: CatalogueIndexOptions,
  signal: AbortSignal,
): () => Promise<boolean> {
  const configured = new Map(servers.map((server) => [server.id, server]));
  /** What was taken in, to tell in no time what is as it was. */
  let taken: ReadonlyMap<string, Taken> = new Map();
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<boolean> | undefined;

  const once = async (): Promise<boolean> => {
    next = undefined;
    const { tools } = catalogue;
    const up = new Set(catalogue.servers().flatMap(({ id, state }) => (state === 'up' ? [id] : [])));
    const listed = new Set([...tools.values()].map(({ id }) => id));
    const gone = [...index.tools()].filter(
      ({ id, server }) => !listed.has(id) && (up.has(server) || !configured.has(server)),
    );
    const removed = index.remove(gone.map(({ id }) => id));
    const words = new Map<string, ServerWords>();
    for (const [id, server] of configured) words.set(id, serverWords(server, catalogue.instructions(id)));
    const now = new Map<string, Taken>();
    const changed: ToolDocument[] = [];
    for (const tool of tools.values()) {
      const said = words.get(tool.server);
      now.set(tool.id, { definition: tool.definition, about: said?.about });
      const before = taken.get(tool.id);
      if (before?.definition === tool.definition && before.about === said?.about && index.has(tool.id)) continue;
      changed.push(toolDocument(tool, said ?? {}));
    }
    const upserted = await index.upsert(changed, { signal });
    taken = now;
    return removed + upserted.added + upserted.changed > 0;
  };
  return () => {
    next ??= last.then(once, once);
    last = next;
    return next;
  };
}

interface Taken {
  readonly definition: RawObject;
  readonly about: string | undefined;
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
