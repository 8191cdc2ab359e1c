import type { RawObject } from '../../../../wire/raw-object.ts';

/** Where the server does not say how often it wants to be asked. */
export const defaultPollMs = 1_000;
const minPollMs = 100;
const maxPollMs = 60_000;

/** How long to wait before a task is asked about again: what its server wants, within 100 ms and a minute. */
export function pollIntervalOf(task: RawObject): number {
  const wanted = task.member('pollInterval')?.value;
  return typeof wanted === 'number' ? Math.min(Math.max(wanted, minPollMs), maxPollMs) : defaultPollMs;
}

/** Asks how a task stands, again and again, one question at a time. Holds one timer at most, none while paused and after `stop`. */
export class TaskWatch {
  readonly #ask: () => Promise<number | undefined>;
  #timer: NodeJS.Timeout | undefined;
  #asking = false;
  #hurried = false;
  #paused = false;
  #stopped = false;

  /** `ask` resolves with the pause before it is called again, or with `undefined` when there is nothing more to ask. It must not reject. */
  constructor(ask: () => Promise<number | undefined>, firstMs: number) {
    this.#ask = ask;
    this.#arm(firstMs);
  }

  /** Something is known to have changed. Still no sooner than 100 ms after the last question. */
  hurry(): void {
    this.#hurried = true;
    if (!this.#asking) this.#arm(minPollMs);
  }

  pause(): void {
    this.#paused = true;
    clearTimeout(this.#timer);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (!this.#asking) this.#arm(minPollMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped && !this.#paused) this.#timer = setTimeout(() => void this.#turn(), ms);
  }

  async #turn(): Promise<void> {
    this.#asking = true;
    this.#hurried = false;
    const pauseMs = await this.#ask();
    this.#asking = false;
    if (pauseMs === undefined) this.stop();
    else this.#arm(this.#hurried ? minPollMs : pauseMs);
  }
}
