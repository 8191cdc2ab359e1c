import type { ToolDocument } from '../tool-document.ts';

/** Why one tool leads to another. */
export type EdgeKind =
  /** Declared: the tool's `dependsOn` names the other. */
  | 'declared'
  /** What the other gives is what a parameter of the tool asks for, or the tool's texts name the other. */
  | 'feeds'
  /** Both act on the same noun (create, get, update, delete of one thing). */
  | 'sibling'
  /** Called together before. */
  | 'used';

/** `from` is helped by `to`: who selects `from` may need `to` as well. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** 0 to 1: how sure it is that `to` is needed. */
  readonly weight: number;
}

/**
 * Knows which tools go together, and completes a selection with what its members need.
 * The index tells it of each change, and calls nothing while another call runs.
 */
export interface ToolGraph {
  /** Takes a tool in, or anew. Cheap: what needs the whole catalogue is computed when it is asked for. */
  upsert(tool: ToolDocument): void;
  remove(id: string): void;
  /** See `ToolIndex.used`. */
  used(ids: readonly string[]): void;
  edges(): Iterable<Edge>;
  /**
   * The ranking with what its members need put in, best first, at most `limit`. What it puts in says along which member's edge it came, and may stand
   * before that member where others need it too. Names only tools for which `visible` holds, and those of the ranking.
   */
  complete(ranking: readonly RankedTool[], options: CompletionOptions): readonly CompletedTool[];
  save(): Uint8Array;
}

/** What `createToolIndex` and `loadToolIndex` make a graph with. `saved`: what `save` gave; `INDEX_INVALID` when it is damaged. */
export type ToolGraphFactory = (saved?: Uint8Array) => ToolGraph;

export interface RankedTool {
  readonly id: string;
  /** 0 to 1. */
  readonly score: number;
}

export interface CompletedTool extends RankedTool {
  /** The member along whose edge it came; `undefined` for what the query found. */
  readonly through: string | undefined;
  /** 0 to 1: how sure it is that it is needed; 0 for what the query found. */
  readonly graph: number;
}

export interface CompletionOptions {
  readonly limit: number;
  readonly expand: 'declared' | 'inferred';
  readonly visible: (id: string) => boolean;
}
