import type { Embedder } from '@toolyard/protocol';

/** What opens the embedder under test. A case gets a fresh one, and closes each embedder that it opened. */
export interface EmbedderRig extends AsyncDisposable {
  open(): Promise<Embedder>;
}
