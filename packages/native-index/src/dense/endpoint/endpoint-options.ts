export interface EndpointEmbedderOptions {
  /** What `/embeddings` is added to, unless it ends in that: `https://api.openai.com/v1`. Redirects are not followed. */
  readonly url: string | URL;
  readonly model: string;
  /** Length of the model's vectors; an answer of another length is refused. */
  readonly dimension: number;
  /** Whether the model is asked for that length (`dimensions`), for models that can be cut. Default `false`. */
  readonly requestDimension?: boolean;
  /** Sent as a bearer token. It appears in no error. */
  readonly apiKey?: string;
  /** Sent with each request, for endpoints that take their key elsewhere. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Put in front of texts, for models that were trained with such: `{ query: 'query: ', document: 'passage: ' }`. */
  readonly prefixes?: { readonly query?: string; readonly document?: string };
  /** Texts a request. Default 64. */
  readonly batchSize?: number;
  /** Where texts are cut, in UTF-16 units, prefix not included: endpoints refuse what their model cannot read. Default 8,000. */
  readonly maxTextLength?: number;
  /** For one attempt, its answer included. Default 30,000. */
  readonly timeoutMs?: number;
  /** How often a request is sent at most; again after 408, 429, 5xx, a lost connection or a timeout. Default 4. */
  readonly maxAttempts?: number;
  /** Bound on the first pause between attempts, doubled for each further one; half of it on average. Default 500. */
  readonly firstDelayMs?: number;
  /** Bound on any pause. Where `Retry-After` asks for more, there is no further attempt. Default 20,000. */
  readonly maxDelayMs?: number;
  /** How many vectors are remembered by the hash of their text, the least recently used forgotten first; 0 for none. Default 1,000. */
  readonly cacheSize?: number;
}
