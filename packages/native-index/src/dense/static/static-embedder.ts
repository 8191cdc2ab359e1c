import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { PieceEmbedder } from '../../late/piece-vectors.ts';
import { createSlices } from '../../store/slices.ts';
import { checkEmbedCall, embedderClosed, embedderFailed } from '../embed-call.ts';
import { rowSummer } from './sum-rows.ts';
import { readTable, TableDamage, type StaticTable } from './table.ts';
import { TableRows } from './table-rows.ts';
import { wordPieces } from './word-pieces.ts';

const batchSize = 4096;

export interface StaticEmbedderOptions {
  /** A table made by `tooling/embeddings`, as a file. Default: the one that comes with this package. */
  readonly table?: string | URL;
}

/**
 * An embedder without a model: each piece of a word has a vector, and a text has the direction of their sum. Microseconds a text, nothing to
 * download, no order of words. The table was distilled from all-MiniLM-L6-v2 and knows English. An index compares requests with tools piece by piece, too.
 *
 * Reads the first 16,384 characters of a text and of these the first 512 pieces; roles make no difference. Holds some 15 MB, so share
 * one. Rejects with `EMBEDDER_FAILED` when the table is missing or damaged.
 */
export async function staticEmbedder(options: StaticEmbedderOptions = {}): Promise<PieceEmbedder> {
  const table = await load(options.table ?? packagedTable());
  const { model: id, dimension } = table;
  const rows = new TableRows(table);
  const pieces = wordPieces(table.vocabulary);
  const sumRows = rowSummer(rows, pieces);
  let closed = false;
  const close = (): Promise<void> => {
    closed = true;
    return Promise.resolve();
  };

  return {
    contract: 'embedder/1',
    id,
    dimension,
    batchSize,
    async embed(texts, _role, { signal } = {}) {
      checkEmbedCall({ id, batchSize, closed }, texts, signal);
      const slices = createSlices(signal);
      const vectors: Float32Array[] = [];
      for (const text of texts) {
        if (slices.due()) await slices.rest();
        if (closed) throw embedderClosed(id);
        vectors.push(sumRows(text));
      }
      return vectors;
    },
    pieces: {
      bound: rows.bound,
      encode: (text, most) => pieces.encode(text, most),
      weight: (piece) => rows.weight(piece),
      similarities: (from, to) => rows.similarities(from, to),
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function packagedTable(): string {
  const manifest = createRequire(import.meta.url).resolve('@toolyard/native-index/package.json');
  return join(dirname(manifest), 'assets', 'minilm-static.bin');
}

async function load(file: string | URL): Promise<StaticTable> {
  try {
    return readTable(await readFile(file));
  } catch (cause) {
    const reason = cause instanceof TableDamage ? `its table is damaged: ${cause.message}` : 'its table cannot be read';
    throw embedderFailed('static', reason, cause);
  }
}
