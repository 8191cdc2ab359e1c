import { ToolyardError } from '@toolyard/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Desk, type Job, job, office } from '../testing/office.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Step =
  /** `only`: the desk that it has to go to. */
  | { readonly kind: 'enter'; readonly deadline: number | undefined; readonly only: number | undefined }
  | { readonly kind: 'finish' | 'cancel'; readonly pick: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'come' | 'go' };

interface Entered {
  readonly job: Job;
  readonly only: Desk | undefined;
  readonly controller: AbortController;
  settled: boolean;
}

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({
      kind: fc.constant('enter'),
      deadline: fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined }),
      only: fc.option(fc.nat(), { nil: undefined }),
    }),
    fc.record({ kind: fc.constantFrom('finish', 'cancel'), pick: fc.nat() }),
    fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ kind: fc.constantFrom('come', 'go') }),
  ),
  { maxLength: 60 },
);
const bounds = fc.record({
  desks: fc.integer({ min: 1, max: 3 }),
  maxConcurrent: fc.integer({ min: 1, max: 3 }),
  maxQueue: fc.integer({ min: 0, max: 6 }),
});

const numbers = (of: readonly Entered[], all: readonly Entered[]): readonly number[] =>
  of.map((one) => all.indexOf(one));

it('whatever happens to a bulkhead, its bounds hold, nobody is lost, nobody waits for nothing, and nobody overtakes', async () => {
  await fc.assert(
    fc.asyncProperty(steps, bounds, async (happens, given) => {
      const place = office(given);
      const entered: Entered[] = [];
      const begun: Entered[] = [];
      const gone: Desk[] = [];
      const enter = (deadline: number | undefined, only: Desk | undefined): void => {
        const controller = new AbortController();
        const deadlineMs = deadline === undefined ? undefined : performance.now() + deadline;
        const one = {
          job: job(place, { signal: controller.signal, deadlineMs }, only),
          only,
          controller,
          settled: false,
        };
        void one.job.done.then(() => (one.settled = true));
        entered.push(one);
      };
      const happen = async (step: Step): Promise<void> => {
        if (step.kind === 'enter') {
          enter(step.deadline, step.only === undefined ? undefined : place.desks[step.only % place.desks.length]);
        } else if (step.kind === 'wait') await vi.advanceTimersByTimeAsync(step.ms);
        else if (step.kind === 'finish' || step.kind === 'cancel') {
          const one = entered[step.pick % Math.max(entered.length, 1)];
          if (step.kind === 'finish') one?.job.finish();
          else one?.controller.abort(new Error('over'));
        } else {
          if (step.kind === 'come') place.desks.push({ inFlight: 0, allows: true });
          else if (place.desks.length > 1) gone.push(...place.desks.splice(0, 1));
          place.bulkhead.changed();
        }
        await vi.advanceTimersByTimeAsync(0);
      };
      const isFull = ({ inFlight }: Desk): boolean => inFlight >= given.maxConcurrent;
      for (const step of happens) {
        await happen(step);
        begun.push(...entered.filter((one) => one.job.begun && !begun.includes(one)));
        expect([...place.desks, ...gone].every(({ inFlight }) => inFlight <= given.maxConcurrent)).toBe(true);
        expect(place.queued).toBeLessThanOrEqual(given.maxQueue);
        const waiting = entered.filter((one) => !one.job.begun && !one.settled);
        expect(waiting).toHaveLength(place.queued);
        for (const { only } of waiting)
          expect(only !== undefined && place.desks.includes(only) ? isFull(only) : place.desks.every(isFull)).toBe(
            true,
          );
      }
      for (const only of [undefined, ...place.desks]) {
        const order = numbers(
          begun.filter((one) => one.only === only),
          entered,
        );
        expect(order).toEqual(order.toSorted((one, other) => one - other));
      }
      for (const one of entered) one.job.finish();
      const ends = await Promise.all(entered.map(async ({ job: { done } }) => done));
      for (const [number, end] of ends.entries()) {
        const refused = ToolyardError.is(end, 'UPSTREAM_BUSY') || ToolyardError.is(end, 'CANCELLED');
        expect(refused ? 'refused' : end).toBe(entered[number]?.job.begun === true ? 'done' : 'refused');
      }
      expect([place.inFlight, place.queued, vi.getTimerCount()]).toEqual([0, 0, 0]);
    }),
  );
});
