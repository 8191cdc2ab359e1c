import { isDeepStrictEqual } from 'node:util';

import type { ToolDocument, ToolIndex } from '@toolyard/native-index';
import { takesCalls, type Orchestrator, type ServerStatus } from '@toolyard/orchestrator';
import type { RawObject } from '@toolyard/protocol';
import type { ServerDefinition } from '@toolyard/registry';

import { type ServerWords, serverWords, toolDocument } from './tool-document.ts';

/** As much of an orchestrator as is followed. */
export interface FollowedCatalogue extends Pick<Orchestrator, 'tools' | 'instructions'> {
  servers(): readonly Pick<ServerStatus, 'id' | 'state' | 'failedLists'>[];
}

export interface FollowOptions {
  readonly catalogue: FollowedCatalogue;
  /** What the configuration says of them now. */
  servers(): readonly Pick<ServerDefinition, 'id' | 'name' | 'tags' | 'domains'>[];
  readonly signal: AbortSignal;
}

interface Taken {
  readonly definition: RawObject;
  readonly said: ServerWords;
}

/**
 * Brings the index up to date, once at a time and once more if something changed meanwhile. Tells whether it is another now. Tools of a server that does
 * not answer stay, so that its return costs nothing.
 */
export function followCatalogue(
  index: ToolIndex,
  { catalogue, servers, signal }: FollowOptions,
): () => Promise<boolean> {
  /** What was taken in, to tell in no time what is as it was. */
  let taken: ReadonlyMap<string, Taken> = new Map();
  let words: ReadonlyMap<string, ServerWords> = new Map();
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<boolean> | undefined;

  const once = async (): Promise<boolean> => {
    next = undefined;
    const removed = index.remove(gone(index, catalogue));
    words = wordsNow(words);
    const now = new Map<string, Taken>();
    const changed: ToolDocument[] = [];
    for (const tool of catalogue.tools.values()) {
      const said = words.get(tool.server) ?? nothingSaid;
      now.set(tool.id, { definition: tool.definition, said });
      const before = taken.get(tool.id);
      if (before?.definition === tool.definition && before.said === said && index.has(tool.id)) continue;
      changed.push(toolDocument(tool, said));
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

  /** What is as it was is the same object. */
  function wordsNow(before: ReadonlyMap<string, ServerWords>): ReadonlyMap<string, ServerWords> {
    const configured = new Map(servers().map((server) => [server.id, server]));
    return new Map(
      catalogue.servers().map(({ id }) => {
        const said = serverWords(configured.get(id) ?? unconfigured, catalogue.instructions(id));
        const known = before.get(id);
        return [id, known !== undefined && isDeepStrictEqual(known, said) ? known : said];
      }),
    );
  }
}

/** Those that their server, which answers, does not list any more, and those of servers that are not there any more. */
function gone(index: ToolIndex, { tools, servers }: FollowedCatalogue): readonly string[] {
  const listed = new Set([...tools.values()].map(({ id }) => id));
  const silent = new Set(servers().flatMap((server) => (listsTools(server) ? [] : [server.id])));
  return [...index.tools()].flatMap(({ id, server }) => (listed.has(id) || silent.has(server) ? [] : [id]));
}

function listsTools({ state, failedLists }: Pick<ServerStatus, 'state' | 'failedLists'>): boolean {
  return takesCalls(state) && !failedLists.includes('tools');
}

const unconfigured = { tags: [], domains: [] };
const nothingSaid: ServerWords = { tags: [], about: undefined };
