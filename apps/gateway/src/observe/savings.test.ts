import type { CountTokens, ProfileView } from '@toolyard/orchestrator';
import { RawObject } from '@toolyard/protocol';
import { expect, it, vi } from 'vitest';

import { countSavings } from './savings.ts';

const tools = (definitions: readonly RawObject[]): ProfileView['tools'] =>
  new Map(
    definitions.map((definition, number) => [
      String(number),
      { id: `a/${number}`, name: String(number), server: 'a', ownName: String(number), definition },
    ]),
  );
const shown = [RawObject.of({ name: 'find' })];
const cost = (definitions: readonly RawObject[]): number => definitions.reduce((sum, { text }) => sum + text.length, 0);

it('each list saves what the tools would have cost, less what was listed; a definition is counted once', async () => {
  const countTokens = vi.fn<CountTokens>((text) => Promise.resolve(text.length));
  const saved: number[] = [];
  const failed = vi.fn<(error: unknown) => void>();
  const onList = countSavings({ countTokens, saved: (tokens) => saved.push(tokens), failed });
  const first = Array.from({ length: 60 }, (_, number) => RawObject.of({ name: `tool-${number}` }));
  const before = tools(first);
  for (const times of [1, 2]) {
    onList(shown, before);
    await vi.waitFor(() => expect(saved).toEqual(Array<number>(times).fill(cost(first) - cost(shown))));
  }
  const more = RawObject.of({ name: 'another' });
  onList(shown, tools([...first, more]));
  await vi.waitFor(() => expect(saved).toHaveLength(3));
  expect(saved[2]).toBe(cost([...first, more]) - cost(shown));
  expect(countTokens).toHaveBeenCalledTimes(first.length + shown.length + 1);
  expect(failed).not.toHaveBeenCalled();
});

it('a count that failed is told, and made again with the next list', async () => {
  const broken = new Error('no tokenizer');
  const countTokens = vi.fn<CountTokens>().mockRejectedValueOnce(broken).mockResolvedValue(1);
  const failed = vi.fn<(error: unknown) => void>();
  const saved: number[] = [];
  const onList = countSavings({ countTokens, saved: (tokens) => saved.push(tokens), failed });
  const one = tools([RawObject.of({ name: 'a' }), RawObject.of({ name: 'b' })]);
  onList([], one);
  await vi.waitFor(() => expect(failed).toHaveBeenCalledWith(broken));
  onList([], one);
  await vi.waitFor(() => expect(saved).toEqual([2]));
});
