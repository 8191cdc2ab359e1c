import type { SoakFigures } from './soak.ts';

/** All figures of one run as a table. */
export function report({ seed, seconds, ledger, slow, connects, heap, rss, before, after }: SoakFigures): string {
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
    ['cancelled', `${made}; calls held by servers ${arrived}, freed ${heard}`],
    ['connected', `${connects} times, 6 servers`],
    ['latest end', `${Math.round(ledger.latestMs)} ms after its deadline or cancellation`],
    [
      'slow calls',
      `${slow.answered} of ${slow.calls} answered in ${slow.seconds.toFixed(1)} s, ${slow.peak} at the same time`,
    ],
    [
      'heap',
      `${heap.startMb.toFixed(1)} → ${heap.endMb.toFixed(1)} MB, ${heap.slopeMbPerMinute.toFixed(2)} MB a minute by least squares`,
    ],
    ['RSS', `${rss.startMb.toFixed(0)} → ${rss.endMb.toFixed(0)} MB`],
    ['sockets', `${before.sockets ?? '?'} → ${after.sockets ?? '?'}`],
    ['processes', `${before.children.length} → ${after.children.length}`],
    ['handles, timers', `${JSON.stringify(before.resources)} → ${JSON.stringify(after.resources)}`],
    ['violations', String(ledger.violationCount)],
  ];
  const table = rows.map(([name, value]) => `${name.padEnd(18)}${value}`).join('\n');
  return [table, ...ledger.violations.map((text) => `  ✗ ${text}`)].join('\n');
}
