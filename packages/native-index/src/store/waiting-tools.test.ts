import { expect, it } from 'vitest';
import { WaitingTools } from './waiting-tools.ts';

const tool = (id: string, name: string) => ({ id, server: 'mail', name });

it('keeps the order of what waits; what comes again stands where it came last', () => {
  const waiting = new WaitingTools();
  waiting.add(tool('a', 'first'), 'a'.repeat(16));
  waiting.add(tool('b', 'second'), 'b'.repeat(16));
  waiting.add(tool('a', 'third'), 'c'.repeat(16));
  const places = Array.from({ length: waiting.bound }, (_, place) => waiting.tool(place)?.name);
  expect(places).toEqual([undefined, 'second', 'third']);
  expect([waiting.hash(1), waiting.hash(2)]).toEqual(['b'.repeat(16), 'c'.repeat(16)]);
});

it('lets go of what is taken or deleted, and of nothing else', () => {
  const waiting = new WaitingTools();
  for (const id of ['a', 'b', 'c']) waiting.add(tool(id, id), id.repeat(16));
  waiting.take(0);
  waiting.delete('b');
  waiting.delete('b');
  waiting.delete('never there');
  expect([0, 1, 2].map((place) => waiting.tool(place)?.id)).toEqual([undefined, undefined, 'c']);
});
