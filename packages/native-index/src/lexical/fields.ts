/** Where a term may stand in a tool. The order is that of the stored counts. */
export const fields = [
  'name',
  'title',
  'description',
  'parameters',
  'parameterTexts',
  'labels',
  'server',
  'serverDescription',
] as const;

/** How often a term stands in each field, 4 bits a field: 15 means 15 or more. */
export type FieldCounts = number;

export const fieldCount: number = fields.length;

/** The bits of the fields `parameters` and `parameterTexts`. */
export const inParameters: FieldCounts = 0xff000;

export function countIn(counts: FieldCounts, field: number): number {
  return (counts >>> (4 * field)) & 15;
}

export function withOneMore(counts: FieldCounts, field: number): FieldCounts {
  return countIn(counts, field) === 15 ? counts : (counts + (1 << (4 * field))) >>> 0;
}

/** What each field counts for, and how much its length is held against it (0 to 1), for BM25F. */
export interface FieldWeights {
  readonly weight: readonly number[];
  readonly lengthPenalty: readonly number[];
}
