import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readTable } from './table.ts';
import { maxCharacters, maxPieces, wordPieces } from './word-pieces.ts';

interface Expected {
  readonly joints: readonly string[];
  readonly fragments: readonly (readonly [string, readonly number[]])[];
  /** Six hexadecimal digits a text. */
  readonly composed: string;
}

const table = readTable(await readFile(new URL('../../../assets/minilm-static.bin', import.meta.url)));
const pieces = wordPieces(table.vocabulary);
const expected = JSON.parse(await readFile(new URL('testing/word-pieces.json', import.meta.url), 'utf8')) as Expected;

/** The texts that `tooling/embeddings/write_fixture.py` puts together. */
function* composedTexts(): Generator<string> {
  const { fragments, joints } = expected;
  let state = 1;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) % below;
  };
  for (let made = 0; made < expected.composed.length / 6; made += 1) {
    let text = fragments[draw(fragments.length)]?.[0] ?? '';
    for (let more = 1 + draw(4); more > 0; more -= 1)
      text += `${joints[draw(joints.length)]}${fragments[draw(fragments.length)]?.[0]}`;
    yield text;
  }
}

describe('the pieces of a text', () => {
  it('are those of the original tokenizer, for words of many scripts and odd characters', () => {
    expect(expected.fragments.map(([text]) => [text, pieces.encode(text)])).toEqual(expected.fragments);
  });

  it('are those of the original tokenizer for three thousand texts put together from them', () => {
    let at = 0;
    for (const text of composedTexts()) {
      const ids = pieces.encode(text);
      const digest = createHash('sha256').update(ids.join(' ')).digest('hex').slice(0, 6);
      expect({ text, ids, digest }).toMatchObject({ digest: expected.composed.slice(at, at + 6) });
      at += 6;
    }
    expect(at).toBe(18_000);
  });

  it('end after 512, and with the first 16,384 characters', () => {
    expect(pieces.encode('tool '.repeat(1000))).toHaveLength(maxPieces);
    expect(pieces.encode(`${' '.repeat(maxCharacters - 4)}tool`)).toHaveLength(1);
    expect(pieces.encode(`${' '.repeat(maxCharacters)}tool`)).toEqual([]);
  });

  it('leave lone surrogates out', () => {
    expect(pieces.encode('too\ud800l')).toEqual(pieces.encode('tool'));
    expect(pieces.encode(`${'a'.repeat(maxCharacters - 1)}😀`)).toEqual([0]);
  });
});
