import type { Terminal } from '../cli/surroundings.ts';

/** A terminal that remembers what was written, and whose keys and size a test chooses. */
export class FakeTerminal implements Terminal {
  columns = 80;
  rows = 24;
  /** In the order in which they came. */
  readonly written: string[] = [];
  readonly #keys = new Set<(key: string) => void>();
  readonly #resizes = new Set<() => void>();

  write(text: string): void {
    this.written.push(text);
  }

  onKey(listener: (key: string) => void): () => void {
    this.#keys.add(listener);
    return () => this.#keys.delete(listener);
  }

  onResize(listener: () => void): () => void {
    this.#resizes.add(listener);
    return () => this.#resizes.delete(listener);
  }

  press(key: string): void {
    for (const listener of this.#keys) listener(key);
  }

  resize(columns: number, rows: number): void {
    Object.assign(this, { columns, rows });
    for (const listener of this.#resizes) listener();
  }

  get listeners(): number {
    return this.#keys.size + this.#resizes.size;
  }
}
