import { failedOne, sum, type Outcome } from '../outcome.ts';

/** Runs a check on each item, two at a time, and adds up; the output of those that failed is kept, under their names. */
export async function each<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  check: (item: T) => Promise<Outcome>,
): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  const queue = [...items];
  const work = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      const outcome = await check(item);
      outcomes.push(outcome.failed === 0 ? outcome : { ...outcome, output: `${nameOf(item)}\n${outcome.output}` });
    }
  };
  await Promise.all([work(), work()]);
  if (items.length === 0) return failedOne('There was nothing to check.');
  const output = outcomes.filter(({ failed }) => failed > 0).map((outcome) => outcome.output);
  return { ...sum(outcomes), output: output.join('\n\n') };
}
