import type { Ledger } from '../ledger.ts';
import type { LagWatch } from '../watch/lag.ts';
import type { Door, Ending } from './door.ts';
import type { Plan } from './plan.ts';

export interface CallerOptions {
  readonly ledger: Ledger;
  readonly lag: Pick<LagWatch, 'recentMs'>;
  /** After which a call without deadline has to have ended: what all timeouts, pauses and repeats can come to. */
  readonly patienceMs: number;
  /** How much later than its deadline a call may end, beside what the event loop is late. */
  readonly graceMs: number;
}

/** Calls under way, by which what hangs is found. */
export interface Callers {
  /** Makes the call, and writes down all that is wrong with how it ends. */
  make(door: Door, plan: Plan): Promise<Ending>;
  readonly underWay: number;
  /** Reports calls that are still not over. */
  sweep(): void;
}

interface UnderWay {
  readonly plan: Plan;
  readonly door: Door;
  readonly madeMs: number;
  dueMs: number;
  reported: boolean;
}

/** Numbers of answers that are known; none is kept for so long. */
const remembered = 20_000;

export function createCallers({ ledger, lag, patienceMs, graceMs }: CallerOptions): Callers {
  const calls = new Set<UnderWay>();
  /** By the number of an answer that may be kept, who got it first. */
  const owners = new Map<string, string>();
  const describe = ({ plan, door, madeMs }: UnderWay): string =>
    `${plan.key} (${door.name} → ${plan.server}, fault ${plan.fault ?? 'none'}, deadline ${plan.deadlineInMs ?? '-'}, cancelled after ${plan.cancelInMs ?? '-'}, ${Math.round(performance.now() - madeMs)} ms ago)`;
  const graceNow = (): number => graceMs + 2 * lag.recentMs();

  return {
    get underWay() {
      return calls.size;
    },
    sweep() {
      const now = performance.now();
      for (const call of calls) {
        if (call.reported || now < call.dueMs + graceNow()) continue;
        call.reported = true;
        ledger.violation(`${describe(call)} hangs`);
      }
    },
    async make(door, plan) {
      const madeMs = performance.now();
      const deadlineMs = plan.deadlineInMs === undefined ? undefined : madeMs + plan.deadlineInMs;
      const call: UnderWay = {
        plan,
        door,
        madeMs,
        dueMs: Math.min(madeMs + patienceMs, deadlineMs ?? Infinity),
        reported: false,
      };
      const controller = new AbortController();
      const cancel = (): void => {
        call.dueMs = Math.min(call.dueMs, performance.now());
        ledger.cancelled();
        controller.abort();
      };
      // A client of the SDK has no deadlines but its own signal.
      const cancelInMs = Math.min(plan.cancelInMs ?? Infinity, door.exact ? Infinity : (plan.deadlineInMs ?? Infinity));
      const timer = cancelInMs === Infinity ? undefined : setTimeout(cancel, cancelInMs);
      let over = false;
      let reports = 0;
      const onProgress = (message: unknown): void => {
        reports++;
        if (message !== plan.key)
          ledger.violation(`${describe(call)} heard the progress of another: ${String(message)}`);
        if (over && door.exact) ledger.violation(`${describe(call)} heard progress after its end`);
      };
      calls.add(call);
      const ending = await door.call(plan, { signal: controller.signal, deadlineMs, onProgress });
      over = true;
      clearTimeout(timer);
      calls.delete(call);
      const lateMs = performance.now() - call.dueMs;
      if (lateMs > 0) ledger.late(lateMs);
      if (lateMs > graceNow() && !call.reported)
        ledger.violation(`${describe(call)} ended ${Math.round(lateMs)} ms too late`);
      check(call, ending, reports);
      ledger.ended(door.name, ending.code);
      return ending;
    },
  };

  function check(call: UnderWay, ending: Ending, reports: number): void {
    const { echoed, code, words = '' } = ending;
    const { plan, door } = call;
    if (code === 'uncoded' || code === 'INTERNAL')
      return ledger.violation(`${describe(call)} ended with ${code}: ${words}`);
    if (code !== undefined) return;
    if (!plan.mayAnswer) return ledger.violation(`${describe(call)} was answered: ${String(echoed).slice(0, 200)}`);
    if (plan.tool === 'keep') return checkKept(call, ending);
    if (echoed !== plan.args)
      return ledger.violation(`${describe(call)} got another's reply: ${String(echoed).slice(0, 200)}`);
    if (door.exact && reports < plan.reports)
      ledger.violation(`${describe(call)} heard ${reports} of ${plan.reports} reports`);
  }

  /** What is kept is kept for one principal; it says which answer it is. */
  function checkKept(call: UnderWay, { echoed = '', principal = '' }: Ending): void {
    const [, args = '', serial = ''] = /^\{"asked":(.*),"serial":"([^"]+)"\}$/.exec(echoed) ?? [];
    if (args !== call.plan.args)
      return ledger.violation(`${describe(call)} got another's reply: ${echoed.slice(0, 200)}`);
    const owner = owners.get(serial) ?? principal;
    if (owner !== principal)
      ledger.violation(`${describe(call)} of ${principal} was given what was kept for ${owner}: ${serial}`);
    if (owners.has(serial)) ledger.gaveAgain();
    owners.set(serial, owner);
    if (owners.size > remembered) for (const oldest of owners.keys()) if (owners.delete(oldest)) break;
  }
}
