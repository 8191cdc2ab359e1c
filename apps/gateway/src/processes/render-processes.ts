import { oneLine, problemLines, table } from '../cli/table.ts';
import type { ProcessRow } from './process-report.ts';

const columns = [
  'server',
  'instance',
  'pid',
  'state',
  'age',
  'memory',
  'calls',
  'in flight',
  'restarts',
  'command or URL',
] as const;

/** For people: a row for each, then what is wrong. */
export function renderProcesses(rows: readonly ProcessRow[]): string {
  if (rows.length === 0) return 'Nothing is started or connected.';
  const problems = rows.map(({ server, instance, ...row }) => ({
    ...row,
    id: instance === undefined ? server : `${server} ${instance}`,
  }));
  return table(columns, rows.map(cells)) + problemLines(problems);
}

function cells(row: ProcessRow): readonly string[] {
  return [
    row.server,
    shown(row.instance),
    shown(row.pid),
    row.state,
    row.ageMs === undefined ? '-' : duration(row.ageMs),
    row.memoryBytes === undefined ? '-' : `${Math.round(row.memoryBytes / 1_048_576)} MiB`,
    shown(row.calls),
    shown(row.inFlight),
    shown(row.restarts),
    oneLine(row.command ?? row.url ?? '-'),
  ];
}

function shown(count: number | undefined): string {
  return count === undefined ? '-' : String(count);
}

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** The largest unit of which there is one, and the next. */
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const first = units.findIndex(([, size]) => seconds >= size);
  const parts = units.slice(first === -1 ? -1 : first).slice(0, 2);
  let rest = seconds;
  const texts = parts.map(([name, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return `${count} ${name}`;
  });
  return texts.filter((text, at) => at === 0 || !text.startsWith('0 ')).join(' ');
}
