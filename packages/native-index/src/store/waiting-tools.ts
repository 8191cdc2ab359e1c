import type { ToolDocument } from '../tool-document.ts';
import { Fingerprints } from './fingerprints.ts';
import { IdTable } from './id-table.ts';

/**
 * Checked tools that are to be taken in, by their place in the order. What is known of them stands in columns: an object each would be copied
 * by several collections of garbage and leave holes when it goes.
 */
export class WaitingTools {
  readonly #ids: string[] = [];
  readonly #tools: (ToolDocument | undefined)[] = [];
  readonly #places = new IdTable(this.#ids);
  readonly #hashes = new Fingerprints();

  /** Places are below this. */
  get bound(): number {
    return this.#ids.length;
  }

  /** `undefined` where the tool was let go. */
  tool(place: number): ToolDocument | undefined {
    return this.#tools[place];
  }

  /** The fingerprint of all that the tool says. */
  hash(place: number): string {
    return this.#hashes.get(place);
  }

  /** The last place. Takes the place of a tool of the same id that came before. */
  add(tool: ToolDocument, hash: string): void {
    this.delete(tool.id);
    const place = this.#ids.push(tool.id) - 1;
    this.#tools.push(tool);
    this.#hashes.set(place, hash);
    this.#places.add(tool.id, place);
  }

  /** Lets the tool go. */
  delete(id: string): void {
    const place = this.#places.slot(id);
    if (place !== undefined) this.take(place);
  }

  /** Lets go of what has this place, which must be there. */
  take(place: number): void {
    this.#places.delete(place);
    this.#tools[place] = undefined;
  }
}
