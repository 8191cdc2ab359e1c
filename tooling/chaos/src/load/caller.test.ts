import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createLedger, type Ledger } from '../ledger.ts';
import { type Callers, createCallers } from './caller.ts';
import type { Door, Ending, Made } from './door.ts';
import type { Plan } from './plan.ts';

const plan: Plan = {
  key: 'do-1',
  server: 'http-modern',
  tool: 'do',
  args: '{"key":"do-1"}',
  fault: undefined,
  mayAnswer: true,
  wantsProgress: true,
  reports: 0,
  deadlineInMs: undefined,
  cancelInMs: undefined,
};

function bench(): { readonly ledger: Ledger; readonly callers: Callers } {
  const ledger = createLedger();
  const lag = { recentMs: () => 0 };
  return { ledger, callers: createCallers({ ledger, lag, patienceMs: 10_000, graceMs: 20 }) };
}

function door(call: (made: Made) => Promise<Ending> | Ending): Door {
  return { name: 'test', exact: true, call: async (_, made) => call(made) };
}

it('finds nothing wrong with the right reply, nor with an error that has a code', async () => {
  const { ledger, callers } = bench();
  await callers.make(
    door(({ onProgress }) => {
      onProgress('do-1');
      return { echoed: plan.args };
    }),
    { ...plan, reports: 1 },
  );
  await callers.make(
    door(() => ({ code: 'UPSTREAM_CLOSED' })),
    plan,
  );
  expect(ledger).toMatchObject({ calls: 2, ok: 1, violationCount: 0 });
});

it.each<[string, Partial<Plan>, (made: Made) => Promise<Ending> | Ending, string]>([
  ["another's reply", {}, () => ({ echoed: '{"key":"do-2"}' }), "got another's reply"],
  ['the right reply in another spelling', {}, () => ({ echoed: '{"key": "do-1"}' }), "got another's reply"],
  ['a reply to a call that cannot have one', { mayAnswer: false }, () => ({ echoed: plan.args }), 'was answered'],
  ['an error without a code', {}, () => ({ code: 'uncoded' }), 'uncoded'],
  ['an error of our own', {}, () => ({ code: 'INTERNAL' }), 'INTERNAL'],
  [
    "another's progress",
    {},
    ({ onProgress }) => {
      onProgress('do-2');
      return { echoed: plan.args };
    },
    'the progress of another',
  ],
  ['progress that got lost', { reports: 3 }, () => ({ echoed: plan.args }), 'heard 0 of 3 reports'],
  [
    'an end that is later than the deadline',
    { deadlineInMs: 5 },
    async () => {
      await pause(60);
      return { code: 'UPSTREAM_TIMEOUT' };
    },
    'too late',
  ],
])('finds %s', async (_, changed, call, words) => {
  const { ledger, callers } = bench();
  await callers.make(door(call), { ...plan, ...changed });
  expect(ledger.violations).toEqual([expect.stringContaining(words)]);
});

it('finds a call that hangs, once, while it does', async () => {
  const { ledger, callers } = bench();
  const over = Promise.withResolvers<Ending>();
  const call = callers.make(
    door(() => over.promise),
    { ...plan, deadlineInMs: 1 },
  );
  await pause(40);
  callers.sweep();
  callers.sweep();
  expect(ledger.violations).toEqual([expect.stringContaining('hangs')]);
  over.resolve({ code: 'UPSTREAM_TIMEOUT' });
  await call;
  expect(ledger.violationCount).toBe(1);
  expect(callers.underWay).toBe(0);
});

it('finds an answer that was kept for one principal and given to another', async () => {
  const { ledger, callers } = bench();
  const kept: Plan = { ...plan, tool: 'keep', wantsProgress: false };
  const ask = (principal: string, serial: string): Promise<Ending> =>
    callers.make(
      door(() => ({ echoed: `{"asked":${plan.args},"serial":"${serial}"}`, principal })),
      kept,
    );
  await ask('ada', '1');
  await ask('bob', '2');
  await ask('ada', '1');
  expect(ledger).toMatchObject({ violationCount: 0, reused: 1 });
  await ask('bob', '1');
  expect(ledger.violations).toEqual([expect.stringContaining('of bob was given what was kept for ada')]);
});

it('finds a call that was run twice, and one whose cancellation did not arrive', () => {
  const ledger = createLedger();
  ledger.heard('a', 'chaos fault cut do-1 1');
  ledger.heard('a', 'chaos fault cut again-1 1');
  ledger.heard('a', 'chaos fault cut again-1 1');
  expect(ledger.violationCount).toBe(0);
  ledger.heard('b', 'chaos fault stall do-1 2');
  expect(ledger.violations).toEqual(['do-1 came to b twice, with the fault stall']);
  ledger.heard('a', `chaos held - do-2 ${process.pid}`);
  ledger.heard('a', `chaos held - do-3 ${process.pid}`);
  ledger.heard('a', `chaos freed - do-3 ${process.pid}`);
  expect(ledger.unheard()).toEqual([`do-2 at a (${process.pid})`]);
});
