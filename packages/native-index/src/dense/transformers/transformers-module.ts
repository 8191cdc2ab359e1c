/** The part of `@huggingface/transformers`, an optional peer, that is used here. */
export interface TransformersModule {
  pipeline(
    task: 'feature-extraction',
    model: string,
    options: { readonly local_files_only: boolean; readonly revision: string; readonly dtype?: string },
  ): Promise<FeatureExtraction>;
}

export interface FeatureExtraction {
  (
    texts: string[],
    options: { readonly pooling: 'mean' | 'cls' | 'last_token'; readonly normalize: boolean },
  ): Promise<{ readonly dims: readonly number[]; readonly data: ArrayLike<number> }>;
  dispose(): Promise<unknown>;
}
