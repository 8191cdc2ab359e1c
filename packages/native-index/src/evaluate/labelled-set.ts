import type { ToolDocument } from '../tool-document.ts';

/** A request with the tools that answer it. */
export interface LabelledQuery {
  readonly id: string;
  readonly query: string;
  /** The tools that are to be found. None: the query is ranked and not scored. */
  readonly relevant: readonly string[];
  /** Tools that would do as well as a relevant one. */
  readonly equivalents: ReadonlyMap<string, readonly string[]>;
  /** The tool that was asked for, where `relevant` holds also what it depends on. */
  readonly main: string | undefined;
}

export interface LabelledSet {
  readonly tools: readonly ToolDocument[];
  readonly queries: readonly LabelledQuery[];
}

/** Ids that queries name and no tool of the set has: labels that no ranking can reach. */
export function unknownLabels({ tools, queries }: LabelledSet): readonly string[] {
  const known = new Set(tools.map(({ id }) => id));
  return [...new Set(queries.flatMap(({ relevant }) => relevant.filter((id) => !known.has(id))))];
}
