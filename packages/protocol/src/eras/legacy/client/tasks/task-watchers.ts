import type { RawObject } from '../../../../wire/raw-object.ts';
import { TaskWatch } from './task-watch.ts';

export interface TaskWatchersParts {
  /** How the task stands, as it is told. */
  readonly look: () => Promise<RawObject>;
  /** The pause before the next look; `undefined` when the task is over or forgotten. */
  readonly pauseMs: () => number | undefined;
}

/** Whoever is told how one task stands, at first and whenever that changes. Its server is asked only while there is somebody. */
export class TaskWatchers {
  readonly #parts: TaskWatchersParts;
  /** With what each was told last. */
  readonly #watchers = new Map<(task: RawObject) => void, string>();
  #watch: TaskWatch | undefined;

  constructor(parts: TaskWatchersParts) {
    this.#parts = parts;
  }

  /** Nothing is told after the returned function was called, nor after the end of the task. */
  add(tell: (task: RawObject) => void): () => void {
    this.#watchers.set(tell, '');
    if (this.#watch === undefined) this.#watch = new TaskWatch(() => this.#tell(), 0);
    else this.#watch.hurry();
    return () => {
      this.#watchers.delete(tell);
      if (this.#watchers.size === 0) this.end();
    };
  }

  /** Something may have changed. */
  hurry(): void {
    this.#watch?.hurry();
  }

  end(): void {
    this.#watchers.clear();
    this.#watch?.stop();
    this.#watch = undefined;
  }

  async #tell(): Promise<number | undefined> {
    try {
      const shown = await this.#parts.look();
      for (const [tell, last] of this.#watchers) {
        if (shown.text === last) continue;
        this.#watchers.set(tell, shown.text);
        tell(shown);
      }
    } catch {
      // Whoever asks for the task itself is told why; the next look may do better.
    }
    const pauseMs = this.#parts.pauseMs();
    if (pauseMs === undefined) this.end();
    return pauseMs;
  }
}
