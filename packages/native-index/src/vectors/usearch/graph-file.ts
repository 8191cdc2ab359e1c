import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UsearchGraph } from './usearch-module.ts';

/** `usearch` reads and writes files only, so its bytes go through one that nobody else can open. */
export function graphToBytes(graph: UsearchGraph): Uint8Array {
  return withFile((path) => {
    graph.save(path);
    return readFileSync(path);
  });
}

/** Whether the graph took them; what another version wrote it does not. */
export function graphFromBytes(graph: UsearchGraph, bytes: Uint8Array, dimension: number): boolean {
  if (!looksRight(bytes, dimension)) return false;
  return withFile((path) => {
    writeFileSync(path, bytes);
    try {
      graph.load(path);
      return true;
    } catch {
      return false;
    }
  });
}

/** `usearch` believes the sizes it reads, and ends the process when they are absurd: rows and columns (u32), the vectors, then its name. */
function looksRight(bytes: Uint8Array, dimension: number): boolean {
  if (bytes.byteLength < 8) return false;
  const data = new DataView(bytes.buffer, bytes.byteOffset);
  const nameAt = 8 + data.getUint32(0, true) * dimension;
  return (
    data.getUint32(4, true) === dimension && new TextDecoder().decode(bytes.subarray(nameAt, nameAt + 7)) === 'usearch'
  );
}

function withFile<T>(use: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'toolyard-graph-'));
  try {
    return use(join(folder, 'graph'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
