import type { SoakFigures } from './soak.ts';
import { specs } from './yards/specs.ts';

/** All figures of one run as a table. */
export function report(figures: SoakFigures): string {
  const { seed, seconds, ledger, slow, connects, start, end, slopeEachMinute, before, after } = figures;
  const list = (map: ReadonlyMap<string, number>): string =>
    [...map]
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  const sum = (map: ReadonlyMap<string, number>): number =>
    [...map.values()].reduce((total, count) => total + count, 0);
  const { made, arrived, heard } = ledger.cancellations;
  const rows: readonly (readonly [string, string])[] = [
    ['seed', String(seed)],
    ['calls', `${ledger.calls} in ${seconds} s of faults and what comes before and after`],
    ['through', list(ledger.doors)],
    ['answered right', String(ledger.ok)],
    ['ended with a code', `${sum(ledger.errors)}: ${list(ledger.errors)}`],
    ['faults', `${sum(ledger.faults)}: ${list(ledger.faults)}`],
    ['made again', `${ledger.repeats} seen by a server that had the call before`],
    ['from the cache', `${ledger.reused} answers`],
    ['cancelled', `${made}; calls held by servers ${arrived}, freed ${heard}`],
    ['connected', `${connects} times, ${specs.length} servers`],
    ['latest end', `${Math.round(ledger.latestMs)} ms after its deadline or cancellation`],
    [
      'slow calls',
      slow === undefined
        ? 'none'
        : `${slow.answered} of ${slow.calls} answered in ${slow.seconds.toFixed(1)} s, ${slow.peak} at the same time`,
    ],
    ...(start.heapMb === 0 ? [] : [['heap', `${start.heapMb.toFixed(1)} → ${end.heapMb.toFixed(1)} MB`] as const]),
    ['RSS', `${start.rssMb.toFixed(0)} → ${end.rssMb.toFixed(0)} MB`],
    ['memory', `${slopeEachMinute.toFixed(2)} MB a minute by least squares`],
    ['sockets', `${before.sockets ?? '?'} → ${after.sockets ?? '?'}`],
    ['processes', `${before.children.length} → ${after.children.length}`],
    ['handles, timers', `${JSON.stringify(before.resources)} → ${JSON.stringify(after.resources)}`],
    ['violations', String(ledger.violationCount)],
  ];
  const table = rows.map(([name, value]) => `${name.padEnd(18)}${value}`).join('\n');
  return [table, ...ledger.violations.map((text) => `  ✗ ${text}`)].join('\n');
}
