import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import { specs } from './yards/specs.ts';
import type { Mischief } from './yards/yard.ts';

export interface MischiefOptions {
  readonly random: Random;
  readonly ledger: Ledger;
  /** Milliseconds from one to the next, at least and at most. */
  readonly pauseMs: readonly [number, number];
  readonly signal: AbortSignal;
}

/** One of these after the other befalls some server, until it is told to stop. Resolves when all are over. */
export async function makeMischief(
  choices: readonly Mischief[],
  { random, ledger, pauseMs, signal }: MischiefOptions,
): Promise<void> {
  const pending = new Set<Promise<unknown>>();
  while (!signal.aborted && choices.length > 0) {
    await pause(random.whole(...pauseMs), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const { kind, act } = random.pick(choices);
    ledger.fault(kind);
    const work = Promise.resolve(act(random.pick(specs).id, random));
    const done: Promise<unknown> = work.catch(() => undefined).finally(() => pending.delete(done));
    pending.add(done);
  }
  await Promise.all(pending);
}
