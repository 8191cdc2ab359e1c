export type Compare = (
  slots: number,
  count: number,
  bound: number,
  blocks: number,
  width: number,
  queries: number,
  queryInverseNorms: number,
  asked: number,
  found: number,
) => void;

export type Score = (
  slots: number,
  count: number,
  bound: number,
  blocks: number,
  width: number,
  query: number,
  queryInverseNorm: number,
  found: number,
) => void;

export type Scan = (
  vectors: number,
  inverseNorms: number,
  allowed: number,
  count: number,
  width: number,
  query: number,
  queryInverseNorm: number,
  threshold: number,
  found: number,
) => number;
