import { once } from 'node:events';
import { expect, it } from 'vitest';
import { createTeller } from './teller.ts';

it('tells all who listen, in turn and at once, until they stop', () => {
  const teller = createTeller<number>();
  const heard: string[] = [];
  const stop = teller.listen((event) => heard.push(`a${event}`));
  teller.listen((event) => heard.push(`b${event}`));
  expect(teller.idle).toBe(false);
  teller.tell(1);
  stop();
  teller.tell(2);
  expect(heard).toEqual(['a1', 'b1', 'b2']);
});

const failing: [how: string, listener: () => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('mine');
    },
  ],
  ['rejects', () => Promise.reject(new Error('mine'))],
];

it.each(failing)('tells the others where one %s, whose error is a warning of the process', async (_, listener) => {
  const teller = createTeller<number>();
  const heard: number[] = [];
  const warned = once(process, 'warning');
  // What JavaScript can pass: an async function is one that returns nothing, to who calls it.
  Reflect.apply(teller.listen, teller, [listener]);
  teller.listen((event) => heard.push(event));
  teller.tell(1);
  expect(heard).toEqual([1]);
  const [warning]: unknown[] = await warned;
  expect(warning).toMatchObject({
    name: 'ListenerFailure',
    message: 'A listener failed: mine',
    detail: expect.stringContaining('teller.test.ts') as unknown,
  });
});

it.each([undefined, null, {}, 'x'])('takes no %s for a listener', (listener) => {
  const teller = createTeller<number>();
  const listening = (): unknown => Reflect.apply(teller.listen, teller, [listener]);
  expect(listening).toThrow(expect.objectContaining({ code: 'INVALID_PARAMS' }) as Error);
  expect(teller.idle).toBe(true);
});

it('keeps the last 1,000 for a reader that does not read, and ends with its loop', async () => {
  const teller = createTeller<number>();
  const reader = teller[Symbol.asyncIterator]();
  for (let event = 0; event < 1_500; event++) teller.tell(event);
  expect(await reader.next()).toEqual({ done: false, value: 500 });
  await reader.return?.();
  expect(teller.idle).toBe(true);
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

it('gives readers what they have not taken when it ends, and then the end', async () => {
  const teller = createTeller<number>();
  const [early, waiting, late] = [teller[Symbol.asyncIterator](), teller[Symbol.asyncIterator](), () => teller];
  const next = waiting.next();
  teller.tell(1);
  const end = waiting.next();
  teller.end();
  teller.end();
  teller.tell(2);
  expect(await Promise.all([next, end])).toEqual([
    { done: false, value: 1 },
    { done: true, value: undefined },
  ]);
  const taken: number[] = [];
  for await (const event of { [Symbol.asyncIterator]: () => early }) taken.push(event);
  for await (const event of late()) taken.push(event);
  expect(taken).toEqual([1]);
  expect(teller.idle).toBe(true);
});
