import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../../wire/text.ts';
import { isBatch, readBatch } from './batch.ts';

const read = (text: string): string[] | undefined => readBatch(encodeUtf8(text))?.map(decodeUtf8);

describe('a batch', () => {
  it.each([['[]'], [' \t\r\n[{}]'], ['[']])('begins with a bracket: %j', (text) => {
    expect(isBatch(encodeUtf8(text))).toBe(true);
  });

  it.each([[''], ['{}'], ['"["'], ['   ']])('is not what begins otherwise: %j', (text) => {
    expect(isBatch(encodeUtf8(text))).toBe(false);
    expect(read(text)).toBeUndefined();
  });

  it('is its messages, byte for byte', () => {
    expect(read(' [ {"a": 1.0} ,\n{"b":"\\u0061"}, 7 ] ')).toEqual(['{"a": 1.0}', '{"b":"\\u0061"}', '7']);
  });

  it.each(['[', '[{}', '[{}] x', '[{},]'])('is nothing where it is no JSON: %s', (text) => {
    expect(read(text)).toBeUndefined();
  });
});
