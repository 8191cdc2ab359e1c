/** The part of `usearch`, an optional peer, that is used here. */
export interface UsearchModule {
  readonly Index: new (config: UsearchConfig) => UsearchGraph;
}

export interface UsearchConfig {
  readonly dimensions: number;
  readonly metric: 'cos';
  readonly quantization: 'i8';
  readonly connectivity: number;
  readonly expansion_add: number;
  readonly expansion_search: number;
  readonly multi: boolean;
}

export interface UsearchGraph {
  add(key: bigint, vector: Float32Array, threads: number): void;
  search(query: Float32Array, limit: number, threads: number): { readonly keys: BigUint64Array };
  remove(key: bigint): number;
  size(): number;
  save(path: string): void;
  load(path: string): void;
}
