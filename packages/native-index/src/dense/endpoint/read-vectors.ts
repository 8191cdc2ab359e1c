import { embedderFailed, unitVector } from '../embed-call.ts';

export interface Expected {
  readonly id: string;
  readonly count: number;
  readonly dimension: number;
}

/** Vectors of an answer, in the order of the texts, which is that of `index` and not that of the list. */
export function readVectors(answer: string, expected: Expected): readonly Float32Array[] {
  const { id, count, dimension } = expected;
  const data = readData(answer, id);
  if (data.length !== count) throw embedderFailed(id, `${count} texts gave ${data.length} vectors`);
  const vectors = new Map<number, Float32Array>();
  for (const [position, item] of data.entries()) {
    const { index = position, embedding } = Object(item) as { index?: unknown; embedding?: unknown };
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count || vectors.has(index))
      throw embedderFailed(id, 'the indexes of the vectors are not those of the texts');
    if (!Array.isArray(embedding)) throw embedderFailed(id, 'a vector is no list of numbers');
    if (embedding.length !== dimension)
      throw embedderFailed(id, `a vector has ${embedding.length} numbers, not ${dimension}`);
    const vector = embedding.every((value) => typeof value === 'number') ? unitVector(embedding) : undefined;
    if (vector === undefined) throw embedderFailed(id, 'a vector has a number that is none');
    vectors.set(index, vector);
  }
  return [...vectors].sort(([a], [b]) => a - b).map(([, vector]) => vector);
}

function readData(answer: string, id: string): readonly unknown[] {
  let body: unknown;
  try {
    body = JSON.parse(answer);
  } catch (cause) {
    throw embedderFailed(id, 'the answer is not JSON', cause);
  }
  const { data } = Object(body) as { data?: unknown };
  if (!Array.isArray(data)) throw embedderFailed(id, 'the answer has no list of vectors');
  return data;
}
