import { fine, markdownTable, whole } from '../figures/markdown.ts';
import type { SearchFigures } from './measure.ts';

interface Column {
  readonly head: string;
  cell(figures: SearchFigures): string;
}

const names: Readonly<Record<string, string>> = { all: '256', wide: '384', words: 'none' };

const columns: readonly Column[] = [
  { head: 'tools', cell: ({ tools }) => whole(tools) },
  { head: 'dimensions', cell: ({ parts }) => names[parts] ?? parts },
  { head: 'tools/s taken in', cell: ({ perSecond }) => whole(perSecond) },
  {
    head: 'longest hold: wall / CPU / GC ms',
    cell: ({ holdMs, holdCpuMs, gcMs }) => [holdMs, holdCpuMs, gcMs].map((ms) => ms.toFixed(0)).join(' / '),
  },
  { head: 'bytes a tool', cell: ({ bytesPerTool }) => whole(bytesPerTool) },
  { head: 'short query p50 / p99 / CPU ms', cell: ({ short }) => timesCell(short) },
  { head: 'long query p50 / p99 / CPU ms', cell: ({ long }) => timesCell(long) },
  { head: 'save ms', cell: ({ saveMs }) => whole(saveMs) },
  { head: 'saved bytes a tool', cell: ({ savedBytesPerTool }) => whole(savedBytesPerTool) },
  { head: 'load ms', cell: ({ loadMs }) => whole(loadMs) },
];

function timesCell({ p50Ms, p99Ms, cpuMs }: SearchFigures['short']): string {
  return `${fine(p50Ms)} / ${fine(p99Ms)} / ${fine(cpuMs)}`;
}

/** The figures in Markdown, a row each. */
export function table(figures: readonly SearchFigures[]): string {
  return markdownTable(
    columns.map(({ head }) => head),
    figures.map((row) => columns.map(({ cell }) => cell(row))),
  );
}
