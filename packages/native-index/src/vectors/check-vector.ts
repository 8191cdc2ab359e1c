import { ToolyardError } from '@toolyard/protocol';

/** The largest that the kernel can sum up without loss of much precision in the query. */
const maxDimension = 16_384;
/** Slots are numbers of 31 bits. */
export const maxSlot = 0x7fff_ffff;

export function checkVector(vector: Float32Array, dimension: number): void {
  if (vector.length !== dimension) throw invalid(`${vector.length} numbers, not ${dimension}`);
  let zero = true;
  for (let i = 0; i < vector.length; i++) {
    const value = vector[i] ?? 0;
    if (!Number.isFinite(value)) throw invalid(`a number that is ${value}`);
    if (value !== 0) zero = false;
  }
  if (zero) throw invalid('the zero vector has no direction');
}

export function checkSlot(slot: number): void {
  if (!Number.isInteger(slot) || slot < 0 || slot > maxSlot)
    throw invalid(`slot ${slot} is not an integer from 0 to ${maxSlot}`);
}

export function checkDimension(dimension: number): void {
  if (!Number.isInteger(dimension) || dimension < 1 || dimension > maxDimension)
    throw invalid(`dimension ${dimension} is not an integer from 1 to ${maxDimension}`);
}

function invalid(reason: string): ToolyardError {
  return new ToolyardError('VECTOR_INVALID', { reason }, `The vector cannot be used: ${reason}.`);
}

/** `undefined` for NaN. */
export function orNone(similarity: number | undefined): number | undefined {
  return Number.isNaN(similarity) ? undefined : similarity;
}
