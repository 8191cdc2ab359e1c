/**
 * Starts, scales, restarts, kills and crashes servers for a while, then looks whether anything is left of them. Arguments: `--seconds N` or `--minutes N`.
 * Prints figures as one line of JSON, and ends with 1 where something is wrong. For Linux.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { allProcesses, openFiles, processesMarked, zombies } from './proc.ts';
import { count, type Figures, makeTrouble, warmUp } from './trouble.ts';
import { maxProcesses, openYard, type Yard } from './yard.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string' }, minutes: { type: 'string' } } });
const forMs = 1_000 * (Number(values.seconds ?? 0) + 60 * Number(values.minutes ?? 0)) || 20_000;
/** What may go on at the same time. */
const atOnce = 6;
const settleMs = 15_000;
/** One for the transport, and one for what serves URLs. */
const guardians = 2;

const figures: Figures = { done: new Map(), failed: new Map(), wrong: [] };
const seen = new Set<number>();
let most = 0;
let refused = 0;

/** Counts what runs, by what the governor says and by what the system says. */
function look({ governor, orchestrator }: Yard): void {
  const live = governor.list();
  const failures = orchestrator.servers().flatMap(({ instances }) => instances.map(({ reason }) => reason?.code));
  if (failures.includes('PROCESS_LIMIT')) refused++;
  const children = allProcesses().filter(({ parent, state }) => parent === process.pid && state !== 'Z');
  if (children.length > maxProcesses + guardians) figures.wrong.push(`${children.length} children at once`);
  for (const { pid } of live) seen.add(pid);
  most = Math.max(most, live.length);
  if (live.length > maxProcesses) figures.wrong.push(`${live.length} processes at once`);
}

async function soak(mark: string): Promise<void> {
  const yard = openYard(mark);
  yard.orchestrator.events.recycle.listen(({ why }) => count(figures.done, `recycled by ${why}`));
  await warmUp(yard);
  const endMs = performance.now() + forMs;
  const worker = async (): Promise<void> => {
    while (performance.now() < endMs) {
      await makeTrouble(yard, figures);
      look(yard);
      await setTimeout(Math.random() * 50);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await yard.orchestrator.close();
  await yard.governor.whenEmpty(AbortSignal.timeout(settleMs)).catch(() => undefined);
  for (const { upstream, command, state } of yard.governor.list())
    figures.wrong.push(`${command} of ${upstream} is ${state} after all was closed`);
}

function held(): string {
  const kinds = process.getActiveResourcesInfo().filter((kind) => !/^(?:TTY|FS|Pipe)/.test(kind));
  return kinds.toSorted().join(' ');
}

/** What is reachable, in MiB. */
function heapMb(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  return Math.round(process.memoryUsage().heapUsed / 1_048_576);
}

const mark = `soak-${randomUUID()}`;
// What is loaded and opened once is opened before the count.
const first = openYard(mark);
await warmUp(first);
await first.orchestrator.close();
await first.governor.whenEmpty();
while (process.getActiveResourcesInfo().includes('ProcessWrap')) await setTimeout(10);
const before = { files: openFiles(), held: held(), heapMb: heapMb() };

await soak(mark);

const deadlineMs = performance.now() + settleMs;
const left = (): string[] => [
  ...processesMarked(mark).map((pid) => `process ${pid} is left`),
  ...zombies().map((pid) => `process ${pid} is not reaped`),
  ...(openFiles() > before.files ? [`${openFiles()} files are open, and ${before.files} were`] : []),
  ...(held() === before.held ? [] : [`this is held: ${held()}; it was: ${before.held}`]),
];
while (left().length > 0 && performance.now() < deadlineMs) await setTimeout(100);
const wrong = [...figures.wrong, ...left()];
const counts = { done: Object.fromEntries(figures.done), failed: Object.fromEntries(figures.failed) };
process.stdout.write(
  `${JSON.stringify({ seconds: forMs / 1_000, processes: seen.size, mostAtOnce: most, refused, ...counts, files: openFiles(), heapMb: [before.heapMb, heapMb()], wrong: wrong.slice(0, 20) })}\n`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
