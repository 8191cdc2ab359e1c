import type { VectorIndex } from '@toolyard/protocol';
import type { DensePart } from '../dense/dense-part.ts';
import { toolHeadline, toolText } from '../dense/tool-text.ts';
import type { ToolGraph } from '../graph/tool-graph.ts';
import type { LexicalIndex } from '../lexical/lexical-index.ts';
import { toolTerms } from '../lexical/tool-terms.ts';
import { type SchemaText, schemaText } from '../text/schema-text.ts';
import type { TermReader } from '../text/term-reader.ts';
import type { ToolDocument } from '../tool-document.ts';
import type { Upserted } from '../tool-index.ts';
import { fingerprint } from './fingerprints.ts';
import { createSlices, throwIfCancelled } from './slices.ts';
import type { Slots } from './slots.ts';
import type { WaitingTools } from './waiting-tools.ts';

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
  waiting: WaitingTools,
  parts: Parts,
  signal: AbortSignal | undefined,
  taken: (ids: readonly string[]) => void,
): Promise<Upserted> {
  const { slots } = parts;
  const counts = { added: 0, changed: 0, unchanged: 0 };
  const slices = createSlices(signal);
  /** Places of tools that are new, or that say something else. */
  let batch: number[] = [];
  const flush = async (): Promise<void> => {
    throwIfCancelled(signal);
    const texts: (readonly [whole: string, headline: string])[] = [];
    const schemas: SchemaText[] = [];
    for (const position of batch) {
      const tool = waiting.tool(position);
      const schema = schemaText(tool?.inputSchema);
      schemas.push(schema);
      texts.push(tool === undefined ? ['', ''] : [toolText(tool, schema), toolHeadline(tool)]);
      if (slices.due()) await slices.rest();
    }
    const keys = texts.map((both) => fingerprint(both.join('\n')));
    const fresh = [...batch.keys()].filter(
      (at) => !embeddedAlready(parts, waiting.tool(batch[at] ?? -1)?.id, keys[at]),
    );
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
    for (const [at, position] of batch.entries()) {
      const tool = waiting.tool(position);
      const schema = schemas[at];
      if (tool === undefined || schema === undefined) continue;
      const { id } = tool;
      waiting.take(position);
      counts[slots.slot(id) === undefined ? 'added' : 'changed'] += 1;
      place(parts, tool, { hash: waiting.hash(position), key: keys[at] ?? '', schema, vectors: made.get(at) });
      ids.push(id);
      if (!slices.due()) continue;
      taken(ids);
      ids = [];
      await slices.rest();
    }
    if (ids.length > 0) taken(ids);
    batch = [];
  };
  for (let position = 0; position < waiting.bound; position += 1) {
    if (slices.due()) await slices.rest();
    const tool = waiting.tool(position);
    if (tool === undefined) continue;
    const slot = slots.slot(tool.id);
    if (slot !== undefined && slots.hasHash(slot, waiting.hash(position))) {
      waiting.take(position);
      counts.unchanged += 1;
      continue;
    }
    batch.push(position);
    if (batch.length >= batchSize) await flush();
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

function embeddedAlready({ slots, dense }: Parts, id: string | undefined, key: string | undefined): boolean {
  const slot = id === undefined ? undefined : slots.slot(id);
  return dense !== undefined && slot !== undefined && key !== undefined && slots.hasTextKey(slot, key);
}

interface ToolVectors {
  /** `undefined` where the model knows no word of it. */
  readonly whole: Float32Array | undefined;
  readonly headline: Float32Array | undefined;
}

/** What was read of a tool before it is placed. */
interface Read {
  readonly hash: string;
  /** Fingerprint of what an embedder reads of it. */
  readonly key: string;
  readonly schema: SchemaText;
  /** By what its vectors are replaced, where that has changed. */
  readonly vectors: ToolVectors | undefined;
}

function place(parts: Parts, tool: ToolDocument, { hash, key, schema, vectors }: Read): void {
  const { slots, lexical, dense, graph, reader } = parts;
  const terms = toolTerms(tool, schema, reader);
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
  if (dense !== undefined && vectors !== undefined) {
    setOrDelete(dense.vectors, slot, vectors.whole);
    setOrDelete(dense.headlines, slot, vectors.headline);
    dense.pieces?.set(slot, tool);
  }
  graph?.upsert(tool);
}

function setOrDelete(vectors: VectorIndex, slot: number, vector: Float32Array | undefined): void {
  if (vector === undefined) vectors.delete(slot);
  else vectors.set(slot, vector);
}

const none: readonly string[] = [];
