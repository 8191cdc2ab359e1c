import { RawObject, type Reply } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { call, caller } from '../testing/harness.ts';
import { createAffinity } from './affinity.ts';
import { choose, type Member } from './balance.ts';

const member = (number: number, inFlight = 0, stateful = false): Member => ({ number, inFlight, stateful });
const options = (random = (): number => 0) => ({ affinity: createAffinity<Member>(), random });
const tool = call('tools/call', { name: 'a' });
const replied = (result: Record<string, unknown>): Promise<Reply> => Promise.resolve({ result: RawObject.of(result) });

describe('a call', () => {
  it('goes to the member with the fewest calls in flight', () => {
    expect(choose(tool, [member(1, 2), member(2, 1), member(3, 5)], options())?.number).toBe(2);
  });

  it('goes to any of those that are equally loaded', () => {
    const members = [member(1), member(2), member(3)];
    const draws = [0, 0.4, 0.9].map(
      (draw) =>
        choose(
          tool,
          members,
          options(() => draw),
        )?.number,
    );
    expect(new Set(draws)).toEqual(new Set([1, 2, 3]));
  });

  it('goes to the better of two different ones, where there are more than eight', () => {
    const members = Array.from({ length: 20 }, (_, at) => member(at, at));
    for (let round = 0; round < 200; round++) {
      const draws = [Math.random(), Math.random()];
      const [first = 0, second = 0] = draws;
      const a = Math.floor(first * 20);
      const b = (a + 1 + Math.floor(second * 19)) % 20;
      expect(a).not.toBe(b);
      const drawn = [...draws, 0];
      expect(
        choose(
          tool,
          members,
          options(() => drawn.shift() ?? 0),
        )?.number,
      ).toBe(Math.min(a, b));
    }
  });

  it('that answers a question goes to who asked it, and one about a task to who runs it', async () => {
    const [one, two] = [member(1, 0), member(2, 9)];
    const given = options();
    await given.affinity.learn(replied({ resultType: 'input_required', requestState: 'state' }), two);
    await given.affinity.learn(replied({ resultType: 'task', taskId: 'job' }), two);
    await given.affinity.learn(replied({ resultType: 'complete', taskId: 'other' }), two);
    const to = (params: Record<string, unknown>): number | undefined =>
      choose(call('tools/call', params), [one, two], given)?.number;
    expect(to({ name: 'a', requestState: 'state' })).toBe(2);
    expect(to({ taskId: 'job' })).toBe(2);
    expect(to({ taskId: 'other' })).toBe(1);
    expect(to({ requestState: 'unknown' })).toBe(1);
    expect(choose(call('tools/call', { taskId: 'job' }), [one, member(3)], given)?.number).toBe(1);
  });

  it('whose result names a member twice is passed on as it came', async () => {
    const bytes = Buffer.from('{"resultType":"complete","resultType":"task","taskId":"job"}');
    const given = { result: RawObject.read(bytes) };
    expect(await options().affinity.learn(Promise.resolve(given), member(1))).toBe(given);
  });

  it('of one principal always goes to the same member where members keep state, and few move when one goes', () => {
    const members = [1, 2, 3, 4].map((number) => member(number, 0, true));
    const home = (who: string, among: readonly Member[]): number | undefined =>
      choose(call('tools/call', {}, { caller: { ...caller, principal: who } }), among, options())?.number;
    const people = Array.from({ length: 200 }, (_, at) => `p${at}`);
    const before = people.map((who) => home(who, members));
    expect(people.map((who) => home(who, members.toReversed()))).toEqual(before);
    expect(new Set(before).size).toBe(4);
    const after = people.map((who) => home(who, members.slice(1)));
    for (const [at, where] of before.entries()) if (where !== 1) expect(after[at]).toBe(where);
  });

  it('of nobody in particular is not kept together', () => {
    expect(choose(tool, [member(1, 3, true), member(2, 0, true)], options())?.number).toBe(2);
  });
});
