import { oneLine, table } from '../../cli/table.ts';
import { type MeasuredPart, selected } from './measure.ts';
import { metricNames } from './metric-names.ts';

export interface MeasuredSet {
  readonly name: string;
  readonly tools: number;
  readonly parts: readonly MeasuredPart[];
}

/** One row: a set, or the mean of all, by one part of the ranking. */
interface Row {
  readonly set: string;
  readonly part: string;
  /** `undefined` for means. */
  readonly tools: number | undefined;
  readonly queries: number | undefined;
  readonly scored: number | undefined;
  readonly metrics: Readonly<Record<string, number>> | undefined;
  readonly tokens: { readonly all: number; readonly selected: number };
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const legend = `Tokens (o200k) of all definitions, and of the first ${selected} for a query on average. Milliseconds a query, one at a time.`;

/** A row a set, and one with the means of all where there are several; a row for each part of the ranking where there are several. */
export function renderReport(sets: readonly MeasuredSet[]): string {
  const rows = rowsOf(sets);
  const several = (sets[0]?.parts.length ?? 0) > 1;
  const names = Object.keys(metricNames);
  const ranked = several ? ['ranked by'] : [];
  const head = ['set', ...ranked, 'tools', 'queries', ...names, 'tokens all → selected', 'p50 ms', 'p99 ms'];
  const cells = rows.map(({ set, part, tools, queries, scored, metrics, tokens, p50Ms, p99Ms }) => [
    oneLine(set),
    ...(several ? [part] : []),
    tools === undefined ? '' : String(tools),
    queries === undefined ? '' : scored === queries ? String(queries) : `${queries} (${scored} scored)`,
    ...names.map((name) => metrics?.[name]?.toFixed(4) ?? '-'),
    `${Math.round(tokens.all)} → ${Math.round(tokens.selected)}`,
    p50Ms.toFixed(2),
    p99Ms.toFixed(2),
  ]);
  return `${table(head, cells)}\n\n${legend}`;
}

export function reportJson(sets: readonly MeasuredSet[]): string {
  return JSON.stringify({ selected, rows: rowsOf(sets) });
}

function rowsOf(sets: readonly MeasuredSet[]): readonly Row[] {
  const rows = sets.flatMap(({ name, tools, parts }) =>
    parts.map(({ part, evaluation: { metrics, queries, scored, tokens, p50Ms, p99Ms } }): Row => {
      const named = metrics && Object.fromEntries(Object.entries(metricNames).map(([to, from]) => [to, metrics[from]]));
      return { set: name, part, tools, queries, scored, metrics: named, tokens, p50Ms, p99Ms };
    }),
  );
  if (sets.length < 2) return rows;
  const parts = sets[0]?.parts.map(({ part }) => part) ?? [];
  return [
    ...rows,
    ...parts.map((part) =>
      meanRow(
        part,
        rows.filter((row) => row.part === part),
      ),
    ),
  ];
}

/** Each set counts the same. */
function meanRow(part: string, rows: readonly Row[]): Row {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
  const scored = rows.flatMap(({ metrics }) => (metrics === undefined ? [] : [metrics]));
  const metrics = Object.fromEntries(
    Object.keys(metricNames).map((name) => [name, mean(scored.map((one) => one[name] ?? 0))]),
  );
  return {
    set: 'mean',
    part,
    tools: undefined,
    queries: undefined,
    scored: undefined,
    metrics: scored.length === 0 ? undefined : metrics,
    tokens: {
      all: mean(rows.map(({ tokens }) => tokens.all)),
      selected: mean(rows.map(({ tokens }) => tokens.selected)),
    },
    p50Ms: mean(rows.map(({ p50Ms }) => p50Ms)),
    p99Ms: mean(rows.map(({ p99Ms }) => p99Ms)),
  };
}
