import { parseArgs } from 'node:util';
import { plan } from './plan.ts';
import { runUntil } from './process.ts';
import { report, stepLine } from './report.ts';
import { schedule, type Step } from './schedule.ts';
import { workspacePackages } from './workspace.ts';

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: [] }, list: { type: 'boolean', default: false } },
});
const stop = new AbortController();
const steps = select(plan(workspacePackages(), runUntil(stop.signal)), values.only);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop.abort();
    process.kill(process.pid, signal);
  });
}

if (values.list) {
  process.stdout.write(steps.map(({ name }) => `${name}\n`).join(''));
} else {
  const began = performance.now();
  const done = await schedule(steps, {
    places: 2,
    now: () => performance.now(),
    onDone: (entry) => process.stdout.write(`${stepLine(entry)}\n`),
  });
  process.stdout.write(report(done, performance.now() - began));
  process.exitCode = done.length > 0 && done.every(({ outcome }) => outcome.failed === 0) ? 0 : 1;
}

/** The steps whose names start with one of `only`, with those they come after; all if `only` is empty. */
function select(all: readonly Step[], only: readonly string[]): readonly Step[] {
  if (only.length === 0) return all;
  const wanted = new Set(all.filter(({ name }) => only.some((prefix) => name.startsWith(prefix))));
  for (const step of [...all].reverse()) {
    if (all.some((other) => wanted.has(other) && other.after.includes(step.name))) wanted.add(step);
  }
  return all.filter((step) => wanted.has(step));
}
