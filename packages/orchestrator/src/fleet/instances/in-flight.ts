/** Counts what is under way. */
export class InFlight {
  #count = 0;
  #empty: PromiseWithResolvers<void> | undefined;

  get count(): number {
    return this.#count;
  }

  enter(): void {
    this.#count++;
  }

  leave(): void {
    if (--this.#count > 0) return;
    this.#empty?.resolve();
    this.#empty = undefined;
  }

  async whenEmpty(): Promise<void> {
    if (this.#count > 0) await (this.#empty ??= Promise.withResolvers<void>()).promise;
  }
}
