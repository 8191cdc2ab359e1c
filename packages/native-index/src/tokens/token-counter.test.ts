import { expect, it } from 'vitest';
import { createTokenCounter } from './token-counter.ts';

it('counts o200k tokens, of long texts too', async () => {
  const counter = createTokenCounter();
  expect(await counter.count('hello world')).toBe(2);
  expect(await counter.count('')).toBe(0);
  const long = await counter.count('hello world, '.repeat(10_000));
  expect(long).toBeGreaterThanOrEqual(30_000);
  expect(long).toBeLessThan(30_100);
});

it.each(['a', '中', '!', ' ', '\n', '\ud83d\ude00', 'ab1', '\ud800'])(
  'is not held up by %j without an end, and lets others have their turn',
  async (text) => {
    const counter = createTokenCounter();
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 1);
    const count = await counter.count(text.repeat(1_000_000 / text.length));
    clearInterval(ticking);
    expect(count).toBeGreaterThan(1_000);
    expect(turns).toBeGreaterThan(0);
  },
);
