/** What finds tools for a sentence; the index of `@toolyard/native-index` in the gateway. */
export interface ToolFinder {
  /** Best first. `id` is the tool's name in the catalogue of all servers; `allows` decides before anything is ranked. */
  find(query: string, options: FindOptions): Promise<readonly FoundTool[]>;
  /** Tools that were called one after another for the same caller: what goes together is found together. */
  used?(ids: readonly string[]): void;
}

export interface FindOptions {
  readonly limit: number;
  readonly servers?: readonly string[];
  readonly tags?: readonly string[];
  readonly allows: (id: string) => boolean;
  readonly signal: AbortSignal;
}

export interface FoundTool {
  readonly id: string;
  /** 0 to 1. */
  readonly score: number;
}

/** What a text costs a model. */
export type CountTokens = (text: string) => Promise<number>;
