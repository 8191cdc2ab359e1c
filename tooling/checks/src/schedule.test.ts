import { describe, expect, it } from 'vitest';
import { failedOne, passedOne, type Outcome } from './outcome.ts';
import { schedule, type Done, type Step } from './schedule.ts';

/** Steps that end when they are told to, and a note of what started and ended. */
class Rehearsal {
  readonly events: string[] = [];
  readonly #ends = new Map<string, (outcome: Outcome) => void>();

  step(name: string, after: readonly string[] = [], places?: number): Step {
    const run = (): Promise<Outcome> => {
      this.events.push(`+${name}`);
      return new Promise((resolve) => this.#ends.set(name, resolve));
    };
    return places === undefined ? { name, after, run } : { name, after, places, run };
  }

  run(steps: readonly Step[]): Promise<readonly Done[]> {
    const onDone = ({ name }: Done): unknown => this.events.push(`-${name}`);
    return schedule(steps, { places: 2, now: () => 0, onDone: (done) => void onDone(done) });
  }

  async end(name: string, outcome: Outcome = passedOne()): Promise<void> {
    this.#ends.get(name)?.(outcome);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('steps', () => {
  it('run two at a time, in their order', async () => {
    const rehearsal = new Rehearsal();
    const all = rehearsal.run(['a', 'b', 'c'].map((name) => rehearsal.step(name)));
    expect(rehearsal.events).toEqual(['+a', '+b']);
    await rehearsal.end('b');
    expect(rehearsal.events).toEqual(['+a', '+b', '-b', '+c']);
    await rehearsal.end('a');
    await rehearsal.end('c');
    expect((await all).map(({ name }) => name)).toEqual(['b', 'a', 'c']);
  });

  it('wait for those they come after', async () => {
    const rehearsal = new Rehearsal();
    const all = rehearsal.run([rehearsal.step('late', ['early']), rehearsal.step('early')]);
    expect(rehearsal.events).toEqual(['+early']);
    await rehearsal.end('early');
    expect(rehearsal.events).toEqual(['+early', '-early', '+late']);
    await rehearsal.end('late');
    await all;
  });

  it('that take every place run alone, and are not overtaken for ever', async () => {
    const rehearsal = new Rehearsal();
    const all = rehearsal.run([
      rehearsal.step('a'),
      rehearsal.step('alone', [], Number.POSITIVE_INFINITY),
      rehearsal.step('b'),
    ]);
    expect(rehearsal.events).toEqual(['+a']);
    await rehearsal.end('a');
    expect(rehearsal.events).toEqual(['+a', '-a', '+alone']);
    await rehearsal.end('alone');
    await rehearsal.end('b');
    await all;
  });

  it('are not run, and count as failed, after one that failed', async () => {
    const rehearsal = new Rehearsal();
    const all = rehearsal.run([rehearsal.step('a'), rehearsal.step('b', ['a']), rehearsal.step('c', ['b'])]);
    await rehearsal.end('a', failedOne('broken'));
    const done = await all;
    expect(rehearsal.events).toEqual(['+a', '-a', '-b', '-c']);
    expect(done.map(({ outcome }) => outcome.output)).toEqual([
      'broken',
      'Not run, because "a" failed.',
      'Not run, because "b" failed.',
    ]);
    expect(done.every(({ outcome }) => outcome.failed === 1)).toBe(true);
  });

  it('that throw count as failed', async () => {
    const rehearsal = new Rehearsal();
    const [done] = await rehearsal.run([{ name: 'a', after: [], run: () => Promise.reject(new Error('crashed')) }]);
    expect(done?.outcome).toMatchObject({ passed: 0, failed: 1, output: expect.stringContaining('crashed') });
  });

  it('that wait for one that is not there are an error', async () => {
    const rehearsal = new Rehearsal();
    await expect(rehearsal.run([rehearsal.step('a', ['absent'])])).rejects.toThrow('wait for one another');
  });
});
