import { expect, it } from 'vitest';
import { catalogue } from './catalogue.ts';
import { draws, zipf } from './draws.ts';

const size = 3000;
const { tool, servers, shortQuery } = catalogue(size);
const tools = Array.from({ length: size }, (_, number) => tool(number));

it('gives the same again, and no id twice', () => {
  expect(tool(1234)).toEqual(tools[1234]);
  expect(catalogue(size).shortQuery(5)).toBe(shortQuery(5));
  expect(new Set(tools.map(({ id }) => id)).size).toBe(size);
});

it('has servers of 5 to 60 tools', () => {
  const sizes = Object.values(Object.groupBy(tools, ({ server }) => server)).map((of) => of?.length ?? 0);
  // The last one ends where the catalogue ends; two may have drawn the same name.
  expect(Math.max(...sizes.slice(0, -1))).toBeLessThanOrEqual(120);
  expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(5);
  expect(sizes.length).toBeGreaterThan(servers * 0.9);
});

it('draws a rank as often as Zipf says, and none beyond the last', () => {
  const rank = zipf(1000);
  const next = draws(1);
  const drawn = new Uint32Array(1000);
  for (let at = 0; at < 100_000; at += 1) {
    const place = rank(next());
    drawn[place] = (drawn[place] ?? 0) + 1;
  }
  expect((drawn[0] ?? 0) / (drawn[9] ?? 1)).toBeCloseTo(10, -1);
  expect([rank(0), rank(1 - 2 ** -32)]).toEqual([0, 999]);
});
