import type { VectorIndex } from '@toolyard/protocol';
import type { DensePart } from '../dense/dense-part.ts';
import { toolHeadline, toolText } from '../dense/tool-text.ts';
import type { ToolGraph } from '../graph/tool-graph.ts';
import type { LexicalIndex } from '../lexical/lexical-index.ts';
import { toolTerms } from '../lexical/tool-terms.ts';
import type { TermReader } from '../text/term-reader.ts';
import type { Upserted } from '../tool-index.ts';
import type { CheckedTool } from './check-tool.ts';
import { fingerprint } from './fingerprints.ts';
import { createSlices } from './slices.ts';
import type { Slots } from './slots.ts';

export interface Parts {
  readonly slots: Slots;
  readonly lexical: LexicalIndex;
  readonly dense: DensePart | undefined;
  readonly graph: ToolGraph | undefined;
  readonly reader: TermReader;
}

const batchSize = 32;

/**
 * Takes checked tools into all parts, batch after batch. A tool is in all parts or in none, whatever fails.
 * What is taken out of `waiting` meanwhile does not come in.
 */
export async function takeIn(
  waiting: Map<string, CheckedTool>,
  parts: Parts,
  signal: AbortSignal | undefined,
  taken: (ids: readonly string[]) => void,
): Promise<Upserted> {
  const { slots } = parts;
  const counts = { added: 0, changed: 0, unchanged: 0 };
  const slices = createSlices(signal);
  let batch: CheckedTool[] = [];
  const flush = async (): Promise<void> => {
    const texts = batch.map(({ tool }) => [toolText(tool), toolHeadline(tool)] as const);
    const keys = texts.map((both) => fingerprint(both.join('\n')));
    const fresh = batch.flatMap(({ tool }, at) => (embeddedAlready(parts, tool.id, keys[at]) ? [] : [at]));
    // The embedder counts its own time from here.
    await slices.rest();
    const vectors = await parts.dense?.embedTools(
      fresh.flatMap((at) => texts[at] ?? []),
      signal,
    );
    const made = new Map(
      fresh.map((at, position) => [at, { whole: vectors?.[2 * position], headline: vectors?.[2 * position + 1] }]),
    );
    let ids: string[] = [];
    for (const [at, checked] of batch.entries()) {
      const { id } = checked.tool;
      if (waiting.get(id) !== checked) continue;
      waiting.delete(id);
      counts[slots.slot(id) === undefined ? 'added' : 'changed'] += 1;
      place(parts, checked, keys[at] ?? '', made.get(at));
      ids.push(id);
      if (!slices.due()) continue;
      taken(ids);
      ids = [];
      await slices.rest();
    }
    if (ids.length > 0) taken(ids);
    batch = [];
  };
  for (const checked of [...waiting.values()]) {
    const { id } = checked.tool;
    if (waiting.get(id) !== checked) continue;
    const slot = slots.slot(id);
    if (slot !== undefined && slots.hasHash(slot, checked.hash)) {
      waiting.delete(id);
      counts.unchanged += 1;
      await slices.rest();
      continue;
    }
    batch.push(checked);
    if (batch.length >= batchSize) await flush();
    await slices.rest();
  }
  await flush();
  return counts;
}

/** Takes a tool out of all parts; `false` when it is in none. */
export function takeOut(id: string, { slots, lexical, dense, graph }: Parts): boolean {
  const slot = slots.slot(id);
  if (slot === undefined) return false;
  slots.delete(slot);
  lexical.remove(slot);
  dense?.vectors.delete(slot);
  dense?.headlines.delete(slot);
  dense?.pieces?.delete(slot);
  graph?.remove(id);
  return true;
}

function embeddedAlready({ slots, dense }: Parts, id: string, key: string | undefined): boolean {
  const slot = slots.slot(id);
  return dense !== undefined && slot !== undefined && key !== undefined && slots.hasTextKey(slot, key);
}

interface ToolVectors {
  /** `undefined` where the model knows no word of it. */
  readonly whole: Float32Array | undefined;
  readonly headline: Float32Array | undefined;
}

/** `fresh`: what its vectors are replaced by. */
function place(parts: Parts, { tool, hash }: CheckedTool, key: string, fresh: ToolVectors | undefined): void {
  const { slots, lexical, dense, graph, reader } = parts;
  const terms = toolTerms(tool, reader);
  const before = slots.slot(tool.id);
  const slot = slots.put({
    id: tool.id,
    server: tool.server,
    name: tool.name,
    category: tool.category,
    tags: tool.tags === undefined ? none : [...tool.tags],
    hash,
    textKey: key,
  });
  if (before !== undefined) lexical.remove(slot);
  lexical.add(slot, terms);
  if (dense !== undefined && fresh !== undefined) {
    setOrDelete(dense.vectors, slot, fresh.whole);
    setOrDelete(dense.headlines, slot, fresh.headline);
    dense.pieces?.set(slot, tool);
  }
  graph?.upsert(tool);
}

function setOrDelete(vectors: VectorIndex, slot: number, vector: Float32Array | undefined): void {
  if (vector === undefined) vectors.delete(slot);
  else vectors.set(slot, vector);
}

const none: readonly string[] = [];
