/** A revision whose conformance the suite defines by a frozen set of scenarios. */
export type Revision = '2026-07-28' | '2025-11-25';

/** A kind of server behind the gateway. */
export interface Upstream {
  readonly name: string;
  /** File in `fixture/`, run by this Node. */
  readonly fixture: string;
  /** `url`: the fixture prints `ready <url>`; `stdio`: the gateway starts it. */
  readonly reached: 'url' | 'stdio';
  /** Whether the fixture has tools that run as tasks. */
  readonly tasks: boolean;
}

const upstreams: readonly Upstream[] = [
  { name: 'modern-http', fixture: 'modern-http.ts', reached: 'url', tasks: true },
  { name: 'modern-stdio', fixture: 'modern-stdio.ts', reached: 'stdio', tasks: true },
  { name: 'modern-ws', fixture: 'modern-ws.ts', reached: 'url', tasks: true },
  { name: 'legacy-http', fixture: 'legacy-http.ts', reached: 'url', tasks: false },
  { name: 'legacy-http-stateless', fixture: 'legacy-http-stateless.ts', reached: 'url', tasks: false },
  { name: 'legacy-stdio', fixture: 'legacy-stdio.ts', reached: 'stdio', tasks: false },
  { name: 'http-sse', fixture: 'http-sse.ts', reached: 'url', tasks: false },
];

/** What the suite's client speaks, with the number of scenarios for servers, in the frozen set and beside it: a suite that runs fewer is not believed. */
export const revisions: readonly { readonly revision: Revision; readonly scored: number; readonly beside: number }[] = [
  { revision: '2026-07-28', scored: 37, beside: 13 },
  { revision: '2025-11-25', scored: 30, beside: 3 },
];

/** One cell of the matrix. */
export interface Cell {
  /** Also the name of its file in `expected-failures`. */
  readonly name: string;
  readonly upstream: Upstream;
  readonly revision: Revision;
  readonly scored: number;
  readonly beside: number;
}

export const cells: readonly Cell[] = upstreams.flatMap((upstream) =>
  revisions.map((client) => ({ name: `${upstream.name}-${client.revision}`, upstream, ...client })),
);
