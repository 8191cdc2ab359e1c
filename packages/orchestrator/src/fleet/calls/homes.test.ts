import { expect, it } from 'vitest';
import { caller } from '../../testing/harness.ts';
import { createHomes } from './homes.ts';

it('callers are told apart by tenant and principal, and those whom nobody authenticated by their session', () => {
  const homes = createHomes();
  const ann = { ...caller, principal: 'ann', session: 's1' };
  homes.settle(ann, 1);
  homes.settle({ ...caller, session: 's1' }, 2);
  homes.settle(caller, 3);
  expect([
    homes.of({ ...ann, session: 's2' }),
    homes.of({ ...ann, tenant: 'other' }),
    homes.of({ ...caller, session: 's1' }),
    homes.of({ ...caller, session: 's2' }),
    homes.of(caller),
  ]).toEqual([1, undefined, 2, undefined, undefined]);
});

it('those who have not called for long are forgotten for others', () => {
  const homes = createHomes();
  const who = (number: number) => ({ ...caller, session: `s${number}` });
  for (let number = 0; number <= 10_000; number++) homes.settle(who(number), 1);
  expect([homes.of(who(0)), homes.of(who(10_000))]).toEqual([undefined, 1]);
});
