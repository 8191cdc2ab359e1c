import { aborted, pause } from '../../waiting/pause.ts';

/** What is looked at of a server. */
export interface ScaleFacts {
  readonly instances: number;
  readonly inFlight: number;
  readonly queued: number;
  /** Calls that one instance takes at the same time. */
  readonly maxConcurrent: number;
}

export interface ScaleBounds {
  readonly min: number;
  readonly max: number;
}

/** Looks in a row that must agree: quickly more, slowly fewer, so that a pause between two bursts changes nothing. */
const looksForMore = 3;
const looksForFewer = 60;
/** Parts of what the instances take at the same time. Fewer instances must be less busy than those that would be added to: else they came and went. */
const busyRatio = 0.8;
const quietRatio = 0.4;

/** Decides how many instances there should be, one more or fewer at a time. Remembers its last looks. */
export function createScaleRule({ min, max }: ScaleBounds): (facts: ScaleFacts) => number {
  let busy = 0;
  let quiet = 0;
  return ({ instances, inFlight, queued, maxConcurrent }) => {
    const isBusy = queued > 0 || inFlight >= busyRatio * instances * maxConcurrent;
    const isQuiet = queued === 0 && inFlight <= quietRatio * (instances - 1) * maxConcurrent;
    busy = isBusy ? busy + 1 : 0;
    quiet = isQuiet ? quiet + 1 : 0;
    if (busy >= looksForMore && instances < max) {
      busy = 0;
      return instances + 1;
    }
    if (quiet >= looksForFewer && instances > min) {
      quiet = 0;
      return instances - 1;
    }
    return instances;
  };
}

export interface AutoscaleOptions extends ScaleBounds {
  readonly look: () => ScaleFacts;
  /** What it resolves with is not waited for: calls of instances that go may take long. */
  readonly scale: (instances: number) => Promise<unknown>;
  readonly signal: AbortSignal;
}

const lookEveryMs = 1_000;

/** Keeps as many instances as the calls need. Resolves when the signal aborts; never rejects. */
export async function autoscale({ look, scale, signal, ...bounds }: AutoscaleOptions): Promise<void> {
  const rule = createScaleRule(bounds);
  for (;;) {
    await pause(lookEveryMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    const facts = look();
    const wanted = rule(facts);
    if (wanted !== facts.instances) await Promise.race([scale(wanted).catch(() => undefined), aborted(signal)]);
  }
}
