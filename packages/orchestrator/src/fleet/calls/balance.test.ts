import { type Call, RawObject, type Reply } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { call, caller } from '../../testing/harness.ts';
import { type Affinity, createAffinity } from './affinity.ts';
import { createHomes, type Homes } from './homes.ts';
import { leastLoaded, type Member, ownerOf } from './balance.ts';

interface Options {
  readonly affinity: Affinity;
  readonly homes: Homes;
  readonly random: () => number;
}

const member = (number: number, inFlight = 0, stateful = false): Member => ({ number, inFlight, stateful });
const options = (random = (): number => 0): Options => ({
  affinity: createAffinity(),
  homes: createHomes(),
  random,
});
const tool = call('tools/call', { name: 'a' });
const replied = (result: Record<string, unknown>): Reply => ({ result: RawObject.of(result) });

const choose = (given: Call, members: readonly Member[], { affinity, homes, random }: Options): Member | undefined =>
  ownerOf(given, members, affinity, homes) ?? leastLoaded(members, random);

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

  it('that answers a question goes to who asked it, and one about a task to who runs it', () => {
    const [one, two] = [member(1, 0), member(2, 9)];
    const given = options();
    given.affinity.learn(replied({ resultType: 'input_required', requestState: 'state' }), two.number);
    given.affinity.learn(replied({ resultType: 'task', taskId: 'job' }), two.number);
    given.affinity.learn(replied({ resultType: 'complete', taskId: 'other' }), two.number);
    const to = (params: Record<string, unknown>): number | undefined =>
      choose(call('tools/call', params), [one, two], given)?.number;
    expect(to({ name: 'a', requestState: 'state' })).toBe(2);
    expect(to({ taskId: 'job' })).toBe(2);
    expect(to({ taskId: 'other' })).toBe(1);
    expect(to({ requestState: 'unknown' })).toBe(1);
    expect(choose(call('tools/call', { taskId: 'job' }), [one, member(3)], given)?.number).toBe(1);
  });

  it('whose result names a member twice is remembered as nobody’s', () => {
    const bytes = Buffer.from('{"resultType":"complete","resultType":"task","taskId":"job"}');
    const { affinity } = options();
    affinity.learn({ result: RawObject.read(bytes) }, 1);
    expect(affinity.find(call('tools/call', { taskId: 'job' }))).toBeUndefined();
  });

  it('of a caller who is at home at a member that keeps state goes there, whatever the load, as long as it is there', () => {
    const given = options();
    const asked = call('tools/call', {}, { caller: { ...caller, principal: 'ann' } });
    const [one, two] = [member(1, 9, true), member(2, 0, true)];
    expect(choose(asked, [one, two], given)).toBe(two);
    given.homes.settle(asked.caller, 1);
    expect(choose(asked, [one, two], given)).toBe(one);
    expect(choose(asked, [two, member(3, 5, true)], given)).toBe(two);
    expect(choose(asked, [member(1, 9), member(2, 0)], given)?.number).toBe(2);
  });

  it('of nobody in particular, without a session, is not kept together', () => {
    expect(choose(tool, [member(1, 3, true), member(2, 0, true)], options())?.number).toBe(2);
  });
});
