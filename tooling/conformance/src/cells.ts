/** One cell of the matrix: a kind of upstream behind the gateway, and the revision that the suite's client speaks. */
export interface Cell {
  readonly name: string;
  /** File in `fixture/`, run by this Node. */
  readonly fixture: string;
  /** `http`: the fixture prints `ready <url>`; `stdio`: the gateway starts it. */
  readonly upstream: 'http' | 'stdio';
  /** The frozen set of scenarios that defines conformance to this revision. */
  readonly revision: '2026-07-28' | '2025-11-25';
  /** Scored scenarios of that set. */
  readonly scored: number;
}

export const cells: readonly Cell[] = [
  { name: 'modern-http', fixture: 'modern-http.ts', upstream: 'http', revision: '2026-07-28', scored: 37 },
  { name: 'modern-stdio', fixture: 'modern-stdio.ts', upstream: 'stdio', revision: '2026-07-28', scored: 37 },
  { name: 'legacy-http', fixture: 'legacy-http.ts', upstream: 'http', revision: '2025-11-25', scored: 30 },
];
