export type GraphChoice = 'declared' | 'inferred' | 'none';

export interface EvalOptions {
  /** A folder of sets, or of one. */
  readonly data?: string;
  /** Files of one set; `queries` alone goes with the tools of the running gateway. */
  readonly tools?: string;
  readonly queries?: string;
  /** Where rankings are written to. */
  readonly rankings?: string;
  /** Scores that no set may be below. */
  readonly floor?: string;
  readonly graph: GraphChoice;
  /** Whether each part of the ranking is measured by itself too. */
  readonly parts: boolean;
  /** `static`, `none`, `endpoint:<url>` or `transformers:<folder>`. */
  readonly embedder: string;
  /** For an endpoint. */
  readonly embedderModel?: string;
  readonly embedderDimension?: number;
  readonly url?: string;
  readonly profile?: string;
  readonly json: boolean;
}
