/**
 * Turns texts into vectors whose cosine says how near two meanings are.
 *
 * Prove an implementation with `embedderContract` from `@toolyard/contract-tests`.
 */
export interface Embedder extends AsyncDisposable {
  readonly contract: 'embedder/1';
  /** Names the model and its revision. An index refuses vectors that were made under another id. */
  readonly id: string;
  /** Length of each vector. Constant for the life of the embedder. */
  readonly dimension: number;
  /** How many texts one `embed` takes at most; callers cut longer lists. */
  readonly batchSize: number;
  /**
   * One vector a text, in order, each of unit length. A text in which the model knows no word has the zero vector.
   *
   * `role` tells a question from what is searched, for models that treat them differently. Texts are cut where the model's own limit is.
   * The vectors are the caller's to change.
   *
   * Rejects with `EMBEDDER_FAILED` when the model cannot answer or there are more texts than `batchSize`, with `CANCELLED` when `signal`
   * aborts, and with `CLOSED` after `close`.
   */
  embed(
    texts: readonly string[],
    role: TextRole,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly Float32Array[]>;
  /** Releases threads, sockets and memory. Safe to call twice. */
  close(): Promise<void>;
}

export type TextRole = 'query' | 'document';
