import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from '../ledger.ts';
import type { Callers } from '../load/caller.ts';
import type { Door } from '../load/door.ts';
import type { Random } from '../random.ts';
import { slowPlan } from '../slow-calls.ts';
import { openFiles } from '../watch/processes.ts';
import { extra } from './configuration.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { specs } from './specs.ts';

export interface Seen {
  readonly gateway: GatewayProcess;
  readonly pidsOf: (server: string) => readonly number[];
  readonly ledger: Ledger;
  /** What the callers of this gateway have seen. */
  readonly seen: { readonly calls: number; readonly ok: number };
  /** Open when it was warm. */
  readonly files: number;
}

/** Pools may have grown by as much. */
const filesMore = 100;

/** What the gateway says of itself, while nobody calls, has to agree with what its callers and the system say. */
export async function expectToAgree({ gateway, pidsOf, ledger, seen, files }: Seen): Promise<void> {
  const ended = await gateway.metric('toolyard_requests_total');
  const calls = new Map([...ended].filter(([labels]) => labels.includes('method="tools/call"')));
  const right = sum(new Map([...calls].filter(([labels]) => labels.includes('outcome="ok"'))));
  if (right < seen.ok) ledger.violation(`/metrics counts ${right} calls that were answered, and callers ${seen.ok}`);
  if (sum(calls) > seen.calls) ledger.violation(`/metrics counts ${sum(calls)} calls, and callers made ${seen.calls}`);
  for (const name of ['toolyard_upstream_requests_in_flight', 'toolyard_upstream_requests_queued']) {
    const busy = [...(await gateway.metric(name))].filter(([, value]) => value !== 0);
    for (const [labels, value] of busy) ledger.violation(`${name}${labels} is ${value} while nobody calls`);
  }
  // What the last change replaced may end between two looks, and is neither here nor there for that moment.
  let differences = await processesThatDiffer(gateway, pidsOf);
  for (let tries = 0; tries < 50 && differences.length > 0; tries++) {
    await pause(100);
    differences = await processesThatDiffer(gateway, pidsOf);
  }
  for (const difference of differences) ledger.violation(difference);
  for (let tries = 0; tries < 100 && openFiles(gateway.pid) > files + filesMore; tries++) await pause(100);
  const open = openFiles(gateway.pid);
  if (open > files + filesMore) ledger.violation(`the gateway has ${open} open files, and had ${files}`);
}

async function processesThatDiffer(gateway: GatewayProcess, pidsOf: Seen['pidsOf']): Promise<readonly string[]> {
  const rows = (await gateway.processes()).flatMap(({ pid, server }) => (pid === undefined ? [] : [{ pid, server }]));
  return [...specs, extra].flatMap(({ id, wire }) => {
    if (wire !== 'stdio') return [];
    const shown = listOf(rows.filter(({ server }) => server === id).map(({ pid }) => pid));
    const there = listOf(pidsOf(id));
    return shown === there ? [] : [`ps shows ${shown} of ${id}, and there are ${there}`];
  });
}

export interface Ending {
  readonly gateway: GatewayProcess;
  readonly doors: readonly Door[];
  readonly callers: Callers;
  readonly random: Random;
  readonly ledger: Ledger;
}

const callsAtTheEnd = 60;
const arrivalMs = 800;
/** For calls, and then for processes. */
const endWithinMs = 15_000;

/** Told to end while calls are under way, it answers them and is gone. */
export async function expectToEndInOrder({ gateway, doors, callers, random, ledger }: Ending): Promise<void> {
  const calls = Array.from({ length: callsAtTheEnd }, (_, at) => {
    const door = random.pick(doors);
    return callers.make(door, slowPlan(random, `end-${at}`, [1_000, 1_700]));
  });
  const untilMs = performance.now() + arrivalMs;
  while ((await inFlight(gateway)) < callsAtTheEnd && performance.now() < untilMs) await pause(50);
  const { code, ms } = await gateway.end();
  if (code !== 0) ledger.violation(`the gateway ended with ${code}`);
  if (ms > endWithinMs) ledger.violation(`the gateway took ${Math.round(ms)} ms to end`);
  const failed = (await Promise.all(calls)).flatMap((ending) => ending.code ?? []);
  if (failed.length > 0)
    ledger.violation(
      `${failed.length} calls under way when the gateway was told to end got ${[...new Set(failed)].join()}`,
    );
}

async function inFlight(gateway: GatewayProcess): Promise<number> {
  return sum(await gateway.metric('toolyard_upstream_requests_in_flight'));
}

function listOf(pids: readonly number[]): string {
  return pids.toSorted((a, b) => a - b).join(', ');
}

function sum(samples: ReadonlyMap<string, number>): number {
  return [...samples.values()].reduce((all, one) => all + one, 0);
}
