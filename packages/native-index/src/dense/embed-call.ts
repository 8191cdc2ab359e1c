import { ToolyardError } from '@toolyard/protocol';
import { throwIfCancelled } from '../store/slices.ts';

/** What every embedder refuses before it works. */
export function checkEmbedCall(
  embedder: { readonly id: string; readonly batchSize: number; readonly closed: boolean },
  texts: readonly string[],
  signal: AbortSignal | undefined,
): void {
  if (embedder.closed) throw embedderClosed(embedder.id);
  throwIfCancelled(signal);
  if (texts.length > embedder.batchSize)
    throw embedderFailed(embedder.id, `${texts.length} texts are more than the ${embedder.batchSize} of a batch`);
}

export function embedderFailed(id: string, reason: string, cause?: unknown): ToolyardError<'EMBEDDER_FAILED'> {
  const message = `The embedder ${id} failed: ${reason}.`;
  return new ToolyardError('EMBEDDER_FAILED', { embedder: id, reason }, message, { cause });
}

export function embedderClosed(id: string): ToolyardError<'CLOSED'> {
  return new ToolyardError('CLOSED', { what: id }, 'The embedder is closed.');
}

/** The direction, or the zero vector as it is. `undefined` where a number is none. */
export function unitVector(values: ArrayLike<number>): Float32Array | undefined {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] ?? 0) ** 2;
  if (!Number.isFinite(squares)) return undefined;
  const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  return Float32Array.from(values, (value) => value * scale);
}
