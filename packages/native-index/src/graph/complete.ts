import type { CompletedTool, CompletionOptions, RankedTool } from './tool-graph.ts';

/** One step along the graph. */
export interface Step {
  readonly to: string;
  readonly weight: number;
}

export type StepsFrom = (id: string) => readonly Step[];

/** Members of a ranking that are followed; what stands behind them is hardly ever meant. */
const maxMembers = 5;
/** Tools that one member leads to, unless more are asked for. */
const maxVisits = 32;
/** Steps that are looked at for one ranking, unless more are asked for. */
const maxSteps = 8192;
/** What is needed less than this is not followed or brought in. */
const least = 0.01;
/** What each step away is held less for. */
const distance = 0.85;
/** What inference brings in is held less for: it says what may help, not that it was asked for. */
const doubt = 0.4;

/** Places that nothing inferred takes, if that is more than half of them. */
const foundFirst = 5;
/** A ranking without a likely member is completed as if its first were this likely. */
const likelyEnough = 0.3;

/** Scores that are nearly nothing stay so. */
const maxScale = 1e6;

export interface GraphSteps {
  /** Along what is declared. */
  readonly declared: StepsFrom;
  /** Along all edges; `undefined` when only what is declared counts. */
  readonly all: StepsFrom | undefined;
}

export function completeRanking(
  ranking: readonly RankedTool[],
  { declared, all }: GraphSteps,
  options: Pick<CompletionOptions, 'limit' | 'visible'>,
): readonly CompletedTool[] {
  const top = ranking.reduce((most, { score }) => Math.max(most, clamp(score)), 0);
  const scale = top === 0 ? 1 : Math.min(maxScale, Math.max(1, likelyEnough / top));
  const scaled = ranking.map(({ id, score }) => ({ id, score: clamp(score) * scale }));
  const along = completeAlong(scaled, declared, options);
  const completed = all === undefined ? along : completeBehind(along, all, options);
  return completed.map((tool) => ({ ...tool, score: tool.score / scale }));
}

/**
 * Ranks by how likely each tool is needed: because it is what was asked for, or because what was asked for needs it. What several tools of the ranking
 * need is needed whichever of them was meant.
 */
function completeAlong(
  ranking: readonly RankedTool[],
  stepsFrom: StepsFrom,
  options: Pick<CompletionOptions, 'limit' | 'visible'>,
): readonly CompletedTool[] {
  const needs = needsOf(ranking, stepsFrom, options);
  const own = ranking.map(({ id, score }): CompletedTool => {
    const graph = 1 - (needs.get(id)?.missing ?? 1);
    needs.delete(id);
    return { id, score: either(score, graph), graph, through: undefined };
  });
  return best([...own, ...brought(needs, 1)], options.limit);
}

/**
 * Puts what probably helps into the second half of a ranking. The first half, and the first five, are left as they are: what is guessed must not push
 * away what was found.
 */
function completeBehind(
  ranking: readonly CompletedTool[],
  stepsFrom: StepsFrom,
  options: Pick<CompletionOptions, 'limit' | 'visible'>,
): readonly CompletedTool[] {
  const { limit } = options;
  const needs = needsOf(ranking, stepsFrom, options);
  const first = ranking.slice(0, Math.max(foundFirst, Math.ceil(limit / 2)));
  for (const { id } of first) needs.delete(id);
  const floor = first.at(-1)?.score ?? 1;
  const rest = ranking.slice(first.length).map((tool): CompletedTool => {
    const graph = doubt * (1 - (needs.get(tool.id)?.missing ?? 1));
    needs.delete(tool.id);
    return { ...tool, score: either(tool.score, graph), graph: either(tool.graph, graph) };
  });
  const behind = best([...rest, ...brought(needs, doubt)], Math.max(0, limit - first.length));
  // Scores go down a ranking, so none behind is more than the last in front.
  return [...first, ...behind.map((tool) => (tool.score > floor ? { ...tool, score: floor } : tool))];
}

interface Need {
  /** How likely it is that nothing needs it. */
  missing: number;
  through: string;
  /** What `through` makes it. */
  most: number;
}

function needsOf(
  ranking: readonly RankedTool[],
  stepsFrom: StepsFrom,
  { limit, visible }: Pick<CompletionOptions, 'limit' | 'visible'>,
): Map<string, Need> {
  const needs = new Map<string, Need>();
  const visits = Math.max(maxVisits, limit);
  let steps = Math.max(maxSteps, 8 * limit);
  for (const { id: member, score: sure } of ranking.slice(0, maxMembers)) {
    // Level by level, so that what is nearest comes first, and circles end.
    const reached = new Map([[member, 1]]);
    let level = [member];
    for (let reach = distance; level.length > 0 && reach * sure >= least; reach *= distance) {
      const next = new Map<string, number>();
      for (const from of level) {
        const certain = reached.get(from) ?? 0;
        for (const { to, weight } of stepsFrom(from)) {
          if ((steps -= 1) < 0) break;
          if (reached.has(to)) continue;
          const weighed = certain * weight * distance;
          if (weighed * sure < least || weighed <= (next.get(to) ?? 0) || !visible(to)) continue;
          if (next.has(to) || reached.size + next.size <= visits) next.set(to, weighed);
        }
      }
      for (const [to, weight] of next) {
        reached.set(to, weight);
        note(needs, to, member, sure * weight);
      }
      level = [...next.keys()];
    }
  }
  return needs;
}

function note(needs: Map<string, Need>, id: string, member: string, certain: number): void {
  const known = needs.get(id);
  if (known === undefined) {
    needs.set(id, { missing: 1 - certain, through: member, most: certain });
    return;
  }
  known.missing *= 1 - certain;
  if (certain <= known.most) return;
  known.through = member;
  known.most = certain;
}

function brought(needs: ReadonlyMap<string, Need>, share: number): readonly CompletedTool[] {
  return [...needs].map(([id, { missing, through }]) => ({
    id,
    score: share * (1 - missing),
    graph: share * (1 - missing),
    through,
  }));
}

/** The order of what is equal stays: what the query found, then what is nearest. */
function best(tools: CompletedTool[], limit: number): readonly CompletedTool[] {
  return tools.sort((a, b) => b.score - a.score).slice(0, limit);
}

function either(a: number, b: number): number {
  return 1 - (1 - a) * (1 - b);
}

function clamp(score: number): number {
  return Math.min(1, Math.max(0, score));
}
