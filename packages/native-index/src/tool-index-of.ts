import { ToolyardError } from '@toolyard/protocol';
import type { QueryVectors } from './fusion/candidates.ts';
import { allowedSlots } from './search/allowed-slots.ts';
import { explainSlot } from './search/explain.ts';
import { createRanker, type Ranking } from './search/ranker.ts';
import { type CheckedOptions, invalid, readOptions } from './search/read-options.ts';
import { completeHits, fitBudget, rerankHits, toHit } from './search/select.ts';
import { checkInSlices } from './store/check-tool.ts';
import { saveParts } from './store/save-parts.ts';
import { createSlices, throwIfCancelled } from './store/slices.ts';
import { type Parts, takeIn, takeOut } from './store/tool-store.ts';
import { WaitingTools } from './store/waiting-tools.ts';
import { segments } from './text/segments.ts';
import { createTokenCounter } from './tokens/token-counter.ts';
import type { Hit, IndexChange, SearchResult, ToolIndex } from './tool-index.ts';
import type { ToolIndexOptions } from './tool-index-options.ts';

const maxQueryLength = 8192;
const defaultRerankCandidates = 50;

/** The public face of the parts. */
export function toolIndexOf(parts: Parts, options: ToolIndexOptions): ToolIndex {
  const { slots, lexical, dense, graph } = parts;
  const ranker = createRanker(lexical, slots, parts.reader, dense);
  const tokens = createTokenCounter();
  const listeners = new Set<(change: IndexChange) => void>();
  /** Tools of running and waiting `upsert` calls that are not in yet, so that `remove` reaches them too. */
  const waiting = new Set<WaitingTools>();
  let upserts: Promise<unknown> = Promise.resolve();
  let open = true;

  const checkOpen = (): void => {
    if (!open) throw new ToolyardError('CLOSED', { what: 'tool index' }, 'The tool index is closed.');
  };
  const changed = (change: IndexChange): void => {
    ranker.changed();
    for (const listener of listeners) listener(change);
  };
  const inTurn = <T>(work: () => Promise<T> | T): Promise<T> => {
    const turn = upserts.then(work);
    upserts = turn.catch(() => undefined);
    return turn;
  };

  interface Ranked {
    readonly ranking: Ranking;
    /** The same without the tool that had to be ranked, unless it was found. */
    readonly found: Ranking;
    readonly allowed: Uint8Array | undefined;
    readonly dense: SearchResult['dense'];
  }
  async function rankAll(query: string, checked: CheckedOptions, id?: string): Promise<Ranked | undefined> {
    throwIfCancelled(checked.signal);
    const parted = segments(query.slice(0, maxQueryLength));
    const meaning = await queryVectors(query, parted, checked.signal);
    checkOpen();
    const allowed = allowedSlots(slots, checked.filter);
    const slot = id === undefined ? undefined : slots.slot(id);
    if (id !== undefined && (slot === undefined || (allowed !== undefined && allowed[slot] !== 1))) return undefined;
    const limit = Math.max(
      checked.limit,
      options.rerank === undefined ? 0 : (options.rerankCandidates ?? defaultRerankCandidates),
    );
    const request = {
      query: query.slice(0, maxQueryLength),
      segments: parted,
      vectors: meaning === 'failed' ? undefined : meaning,
      allowed,
      limit,
    };
    const ranking = ranker.rank({ ...request, slot });
    const found = slot === undefined || graph === undefined ? ranking : ranker.rank(request);
    return { ranking, found, allowed, dense: meaning === 'failed' ? 'failed' : meaning === undefined ? 'off' : 'used' };
  }

  async function queryVectors(
    query: string,
    parted: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<QueryVectors | 'failed' | undefined> {
    if (dense === undefined) return undefined;
    try {
      const [whole, ...rest] = await dense.embedQuery(parted.length > 1 ? [query, ...parted] : [query], signal);
      return { whole, segments: parted.length > 1 ? rest : [whole] };
    } catch (error) {
      if (ToolyardError.is(error, 'EMBEDDER_FAILED')) return 'failed';
      throw error;
    }
  }

  return {
    get size() {
      return slots.size;
    },
    async upsert(tools, { signal } = {}) {
      checkOpen();
      const mine = new WaitingTools();
      const slices = createSlices(signal);
      for (const tool of tools) {
        mine.add(tool, await checkInSlices(tool, slices));
        if (slices.due()) await slices.rest();
      }
      waiting.add(mine);
      return inTurn(async () => {
        checkOpen();
        return await takeIn(mine, parts, signal, (ids) => changed({ upserted: ids, removed: [] }));
      }).finally(() => waiting.delete(mine));
    },
    remove(ids) {
      checkOpen();
      const removed: string[] = [];
      for (const id of ids) {
        for (const tools of waiting) tools.delete(id);
        if (takeOut(id, parts)) removed.push(id);
      }
      if (removed.length > 0) changed({ upserted: [], removed });
      return removed.length;
    },
    has: (id) => slots.slot(id) !== undefined,
    tools: () => slots.entries(),
    async search(query, given = {}) {
      checkOpen();
      const checked = readOptions(query, given);
      const { limit, minScore, tokenBudget, signal } = checked;
      if (tokenBudget !== undefined && options.definition === undefined)
        throw invalid('tokenBudget needs an index with `definition`');
      const ranked = await rankAll(query, checked);
      if (ranked === undefined) return { hits: [], considered: 0, dense: 'off' };
      const { ranking, allowed } = ranked;
      const kept = Math.max(
        limit,
        options.rerank === undefined ? 0 : (options.rerankCandidates ?? defaultRerankCandidates),
      );
      let hits: readonly Hit[] = ranking.ranked.slice(0, kept).map((one) => toHit(slots, ranking.rows, one));
      if (options.rerank !== undefined) hits = await rerankHits(query, hits, options.rerank, signal);
      hits = hits.filter(({ score }) => score >= minScore);
      hits = graph === undefined ? hits.slice(0, limit) : completeHits(hits, graph, slots, allowed, checked);
      if (tokenBudget !== undefined && options.definition !== undefined)
        hits = await fitBudget(hits, tokenBudget, options.definition, tokens, signal);
      return { hits, considered: ranking.corpus.tools, dense: ranked.dense };
    },
    async explain(query, id, given = {}) {
      checkOpen();
      const checked = readOptions(query, given);
      const ranked = await rankAll(query, checked, id);
      const slot = slots.slot(id);
      if (ranked === undefined || slot === undefined) return undefined;
      const { ranking, found, allowed } = ranked;
      const explained = explainSlot(slot, ranking, slots, lexical);
      if (explained === undefined || graph === undefined) return explained;
      const hits = found.ranked.slice(0, checked.limit).map((one) => toHit(slots, found.rows, one));
      const hit = completeHits(hits, graph, slots, allowed, checked).find((completed) => completed.id === id);
      return hit === undefined
        ? explained
        : { ...explained, parts: { ...explained.parts, graph: hit.parts.graph }, through: hit.through };
    },
    used(ids) {
      checkOpen();
      graph?.used(ids.filter((id) => slots.slot(id) !== undefined));
    },
    edges: () => graph?.edges() ?? [],
    save() {
      checkOpen();
      return inTurn(() => {
        checkOpen();
        return saveParts({
          slots,
          lexical,
          embedder: dense && { id: dense.embedder.id, dimension: dense.embedder.dimension },
          vectors: dense?.vectors.save(),
          headlines: dense?.headlines.save(),
          pieces: dense?.pieces?.save(slots.bound),
          cache: dense?.cache,
          graph: graph?.save(),
        });
      });
    },
    onChange(listener) {
      // Wrapped, so that a listener that is added twice is told twice, and leaves once.
      const own = (change: IndexChange): void => listener(change);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    async close() {
      open = false;
      listeners.clear();
      await upserts;
      dense?.vectors.close();
      dense?.headlines.close();
    },
    async [Symbol.asyncDispose]() {
      await this.close();
    },
  };
}
