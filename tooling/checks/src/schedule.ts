import { failedOne, type Outcome } from './outcome.ts';

export interface Step {
  readonly name: string;
  /** Names of steps that have to pass first. */
  readonly after: readonly string[];
  /** How many of the places a step takes while it runs; one that measures time takes all. Default: 1. */
  readonly places?: number;
  run(): Promise<Outcome>;
}

export interface Done {
  readonly name: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
}

export interface ScheduleOptions {
  /** Steps that run at the same time, by places. */
  readonly places: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly onDone: (done: Done) => void;
}

/**
 * Runs every step once those it comes after have passed, as many at a time as there are places.
 *
 * Steps start in the order given where nothing else decides. A step whose forerunner failed is not run, and counts as failed; so does one
 * that throws.
 */
export async function schedule(steps: readonly Step[], options: ScheduleOptions): Promise<readonly Done[]> {
  const { places, now, onDone } = options;
  const waiting = [...steps];
  const done = new Map<string, Done>();
  const running = new Map<string, Promise<void>>();
  let free = places;

  const finish = (step: Step, outcome: Outcome, durationMs: number): void => {
    const entry = { name: step.name, outcome, durationMs };
    done.set(step.name, entry);
    onDone(entry);
  };
  const start = (step: Step): void => {
    const cost = costOf(step, places);
    const began = now();
    free -= cost;
    const ended = step
      .run()
      .catch((error: unknown) => failedOne(error instanceof Error ? (error.stack ?? error.message) : String(error)))
      .then((outcome) => {
        free += cost;
        running.delete(step.name);
        finish(step, outcome, now() - began);
      });
    running.set(step.name, ended);
  };

  while (waiting.length > 0 || running.size > 0) {
    for (let index = 0; index < waiting.length;) {
      const step = waiting[index];
      if (step === undefined) break;
      const failed = step.after.find((name) => (done.get(name)?.outcome.failed ?? 0) > 0);
      const isReady = step.after.every((name) => done.has(name));
      if (failed !== undefined) {
        waiting.splice(index, 1);
        finish(step, failedOne(`Not run, because "${failed}" failed.`), 0);
      } else if (isReady && costOf(step, places) <= free) {
        waiting.splice(index, 1);
        start(step);
      } else if (isReady) {
        // Nothing overtakes a step that waits for room, or one that needs every place would wait for ever.
        break;
      } else {
        index += 1;
      }
    }
    if (running.size > 0) await Promise.race(running.values());
    else if (waiting.length > 0 && !waiting.some(({ after }) => after.every((name) => done.has(name)))) {
      throw new Error(
        `Steps wait for one another or for steps that are not there: ${waiting.map(({ name }) => name).join(', ')}`,
      );
    }
  }
  return [...done.values()];
}

function costOf({ places = 1 }: Step, all: number): number {
  return Math.min(places, all);
}
