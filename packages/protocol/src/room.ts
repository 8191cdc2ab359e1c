/** Room in a buffer that is full: what those who send wait for. */
export class Room {
  #waiting: PromiseWithResolvers<void> | undefined;

  /** Whether somebody waits. */
  get awaited(): boolean {
    return this.#waiting !== undefined;
  }

  /** Resolves once there is room; rejects where there never will be. */
  wait(): Promise<void> {
    if (this.#waiting === undefined) {
      this.#waiting = Promise.withResolvers<void>();
      // Who sends without waiting learns of the end elsewhere.
      this.#waiting.promise.catch(() => undefined);
    }
    return this.#waiting.promise;
  }

  /** There is room. */
  open(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  /** There will be none any more. `why` is asked only where somebody waits. */
  refuse(why: () => Error): void {
    this.#waiting?.reject(why());
    this.#waiting = undefined;
  }
}
