import { decodeSections, encodeSections } from '../store/stored-index.ts';
import type { ToolDocument } from '../tool-document.ts';
import { completeRanking } from './complete.ts';
import { inferEdges } from './infer-edges.ts';
import { createNameReader } from './name-parts.ts';
import { readGraph, writeGraph } from './saved-graph.ts';
import type { Edge, ToolGraph, ToolGraphFactory } from './tool-graph.ts';
import { readTraits } from './tool-traits.ts';
import { TraitIndex } from './trait-index.ts';
import { UsedEdges } from './used-edges.ts';

export interface ToolGraphOptions {
  /** In what time what was learnt from use counts for half. Default seven days. */
  readonly useHalfLifeMs?: number;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

interface Known {
  readonly declared: readonly Edge[];
  /** With what is inferred. */
  readonly all: readonly Edge[];
}

const week = 7 * 24 * 60 * 60 * 1000;
const maxRemembered = 4096;

/**
 * The graph that comes with the package: declared, inferred and learnt edges. Nothing is inferred before it is asked for, so that a tool comes and goes
 * at its own cost.
 */
export function toolGraph({ useHalfLifeMs = week, now = Date.now }: ToolGraphOptions = {}): ToolGraphFactory {
  return (saved) => {
    const used = new UsedEdges(useHalfLifeMs, now);
    const dependsOn = new Map<string, readonly string[]>();
    const index = saved === undefined ? new TraitIndex() : readGraph(decodeSections(saved), dependsOn, used);
    return graphOf(index, used, dependsOn);
  };
}

function graphOf(index: TraitIndex, used: UsedEdges, dependsOn: Map<string, readonly string[]>): ToolGraph {
  const reader = createNameReader();
  /** Of tools that were asked for since the last change. */
  const remembered = new Map<string, Known>();
  const has = (id: string): boolean => index.tools.slot(id) !== undefined;

  const knownFrom = (id: string): Known => {
    const before = remembered.get(id);
    if (before !== undefined) return before;
    const declared = (dependsOn.get(id) ?? none).flatMap((to): readonly Edge[] =>
      to !== id && has(to) ? [{ from: id, to, kind: 'declared', weight: 1 }] : [],
    );
    const slot = index.tools.slot(id);
    const inferred = slot === undefined ? [] : inferEdges(slot, index, reader);
    const known: Known = {
      declared,
      all: [
        ...declared,
        ...inferred.map(({ to, kind, weight }): Edge => ({ from: id, to: index.tools.id(to), kind, weight })),
      ],
    };
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(id, known);
    return known;
  };
  const usedFrom = (id: string): readonly Edge[] =>
    used
      .from(id)
      .flatMap(({ to, weight }): readonly Edge[] => (has(to) ? [{ from: id, to, kind: 'used', weight }] : []));
  const allFrom = (id: string): readonly Edge[] => {
    const learnt = usedFrom(id);
    return learnt.length === 0 ? knownFrom(id).all : [...knownFrom(id).all, ...learnt];
  };
  const declaredFrom = (id: string): readonly Edge[] => knownFrom(id).declared;

  return {
    upsert(tool: ToolDocument) {
      const { id, server, name } = tool;
      index.put({ id, server, name }, readTraits(tool, reader.parts(name), reader));
      if (tool.dependsOn === undefined || tool.dependsOn.length === 0) dependsOn.delete(id);
      else dependsOn.set(id, [...new Set(tool.dependsOn)]);
      remembered.clear();
    },
    remove(id) {
      index.delete(id);
      dependsOn.delete(id);
      remembered.clear();
    },
    used: (ids) => used.used(ids),
    *edges(): Iterable<Edge> {
      for (const slot of [...index.tools.taken()]) yield* allFrom(index.tools.id(slot));
    },
    complete: (ranking, options) =>
      completeRanking(
        ranking,
        { declared: declaredFrom, all: options.expand === 'declared' ? undefined : allFrom },
        options,
      ),
    save: () => encodeSections(writeGraph(index, dependsOn, used)),
  };
}

const none: readonly string[] = [];
