import { describe, expect, it } from 'vitest';
import { checkNumbers, countOf, millisecondsFrom } from './check-numbers.ts';

const rules = {
  places: countOf('places', 1, 8),
  calls: countOf('calls', 0),
  waitMs: millisecondsFrom(1),
  drainMs: millisecondsFrom(0, { endless: true }),
};

describe('numbers in options', () => {
  it('pass where they keep their rules, or are left out', () => {
    expect(() => checkNumbers('x', {}, rules)).not.toThrow();
    expect(() => checkNumbers('x', { places: 8, calls: 0, waitMs: 0.5 + 1, drainMs: Infinity }, rules)).not.toThrow();
    expect(() => checkNumbers('x', { places: undefined }, rules)).not.toThrow();
  });

  it.each([
    ['places', 0],
    ['places', 9],
    ['places', 1.5],
    ['places', '4'],
    ['places', null],
    ['calls', -1],
    ['calls', Infinity],
    ['waitMs', 0],
    ['waitMs', Number.NaN],
    ['waitMs', Infinity],
    ['waitMs', 2_147_483_648],
    ['drainMs', -1],
  ])('are refused where they do not: %s %s', (name, value) => {
    expect(() => checkNumbers('x', { [name]: value }, rules)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        facts: { problems: [expect.objectContaining({ path: name })] },
      }),
    );
  });

  it('are refused all at once, with what was found and what would be right', () => {
    expect(() => checkNumbers('a cache', { places: 'many', calls: -1, drainMs: Number.NaN }, rules)).toThrow(
      'The options of a cache cannot be used. places: found a string; expected a whole number of places, from 1 to 8. ' +
        'calls: found -1; expected a whole number of calls, 0 or more. ' +
        'drainMs: found NaN; expected a number of milliseconds, from 0 to 2147483647, or Infinity.',
    );
  });
});
