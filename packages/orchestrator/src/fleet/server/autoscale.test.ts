import { describe, expect, it } from 'vitest';
import { createScaleRule, type ScaleFacts } from './autoscale.ts';

const facts = (instances: number, inFlight: number, queued = 0): ScaleFacts => ({
  instances,
  inFlight,
  queued,
  maxConcurrent: 10,
});

function looks(rule: (given: ScaleFacts) => number, count: number, given: ScaleFacts): number {
  let wanted = given.instances;
  for (let look = 0; look < count; look++) wanted = rule(given);
  return wanted;
}

describe('a server', () => {
  it('gets one more instance when it is busy three looks in a row, up to its most', () => {
    const rule = createScaleRule({ min: 1, max: 3 });
    expect(looks(rule, 2, facts(1, 9))).toBe(1);
    expect(rule(facts(1, 9))).toBe(2);
    expect(looks(rule, 3, facts(2, 20, 5))).toBe(3);
    expect(looks(rule, 50, facts(3, 30, 100))).toBe(3);
  });

  it('gets none for a burst that is over at once', () => {
    const rule = createScaleRule({ min: 1, max: 3 });
    for (let round = 0; round < 20; round++) {
      expect(looks(rule, 2, facts(1, 10, 3))).toBe(1);
      expect(rule(facts(1, 1))).toBe(1);
    }
  });

  it('loses one when it was quiet for a minute, down to its least', () => {
    const rule = createScaleRule({ min: 1, max: 3 });
    expect(looks(rule, 59, facts(3, 2))).toBe(3);
    expect(rule(facts(3, 2))).toBe(2);
    expect(looks(rule, 60, facts(2, 0))).toBe(1);
    expect(looks(rule, 200, facts(1, 0))).toBe(1);
  });

  it('does not go up and down under a steady load, whatever that is', () => {
    for (let inFlight = 0; inFlight <= 40; inFlight++) {
      const rule = createScaleRule({ min: 1, max: 4 });
      const seen: number[] = [];
      let instances = 1;
      for (let look = 0; look < 1_000; look++) seen.push((instances = rule(facts(instances, inFlight))));
      expect(new Set(seen.slice(400)).size, `with ${inFlight} calls in flight`).toBe(1);
    }
  });
});
