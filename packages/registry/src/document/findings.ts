import type { ConfigProblem } from '@toolyard/protocol';

import { type PathSegment, pathText, type Position } from './located.ts';

/** More would not be read; the rest is counted. */
const mostFindings = 200;

/** What was found in a document, in the order of its lines. */
export class Findings {
  readonly #list: ConfigProblem[] = [];
  #left = 0;

  add(at: Position, path: readonly PathSegment[], message: string): void {
    if (this.#list.length >= mostFindings) {
      this.#left += 1;
      return;
    }
    this.#list.push(Object.freeze({ line: at.line, column: at.column, path: pathText(path), message }));
  }

  get any(): boolean {
    return this.#list.length > 0;
  }

  all(): readonly ConfigProblem[] {
    const sorted = this.#list.toSorted((a, b) => a.line - b.line || a.column - b.column);
    if (this.#left > 0) sorted.push({ line: 0, column: 0, path: '', message: `and ${this.#left} more` });
    return Object.freeze(sorted);
  }
}
