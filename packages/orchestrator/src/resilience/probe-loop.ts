import { ToolyardError } from '@toolyard/protocol';
import { deadline } from '../waiting/deadline.ts';
import { aborted, orAborted, pause } from '../waiting/pause.ts';

export interface ProbeLoopOptions {
  /** How the server is called in errors. */
  readonly upstream: string;
  /** Asks the instance something small; rejects where it does not answer. Should end soon after its signal aborts. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  /** When the instance answered anything last, on the clock: if that was after the last probe, nobody has to ask. */
  readonly lastAnswerMs: () => number;
  /** Hears of each probe, skipped ones too: how many in a row have failed, and with what the last did. Must not throw. */
  readonly onProbe: (failedInARow: number, error: unknown) => void;
  /** Ends the loop, and a probe that is under way. */
  readonly signal: AbortSignal;
  /** Between two probes, a tenth more or less at random. Default 30,000. */
  readonly intervalMs?: number;
  /** Bound on a probe. Default 10,000. */
  readonly timeoutMs?: number;
  /** Default `performance.now()`. */
  readonly now?: () => number;
  /** From 0 up to 1. Default `Math.random`. */
  readonly random?: () => number;
}

/** Part of the interval, so that many instances are not asked at the same moment. */
const jitter = 0.1;

/**
 * Asks an instance again and again whether it is there, the first time after one interval. Probes never overlap: one that does not end when its time is up
 * has failed, and the next waits until it has ended. Resolves when `signal` aborts; never rejects.
 */
export async function probeLoop(options: ProbeLoopOptions): Promise<void> {
  const { lastAnswerMs, onProbe, signal, intervalMs = 30_000 } = options;
  const { now = () => performance.now(), random = Math.random } = options;
  let failed = 0;
  for (;;) {
    const sinceMs = now();
    await pause(Math.round(intervalMs * (1 - jitter + 2 * jitter * random())), signal).catch(() => undefined);
    if (signal.aborted) return;
    const { error, ended } = lastAnswerMs() > sinceMs ? skipped : await probed(options);
    if (signal.aborted) return;
    failed = error === undefined ? 0 : failed + 1;
    onProbe(failed, error);
    await Promise.race([ended, aborted(signal)]);
  }
}

interface Probed {
  /** `undefined` where it succeeded. */
  readonly error: unknown;
  /** Resolves when the probe is really over. */
  readonly ended: Promise<unknown>;
}

const skipped: Probed = { error: undefined, ended: Promise.resolve() };

async function probed({ upstream, probe, signal, timeoutMs = 10_000 }: ProbeLoopOptions): Promise<Probed> {
  const late = (): Error =>
    new ToolyardError(
      'UPSTREAM_TIMEOUT',
      { upstream, method: 'probe', afterMs: timeoutMs },
      `${upstream} did not answer a probe within ${timeoutMs} ms.`,
    );
  using bound = deadline(timeoutMs, signal, late);
  const probing = begun(probe, bound.signal);
  const ended = probing.catch(() => undefined);
  try {
    await orAborted(probing, bound.signal);
    return { error: undefined, ended };
  } catch (error) {
    return { error: error ?? new Error('It failed without a reason.'), ended };
  }
}

/** Also where it throws before there is a promise. */
async function begun(probe: ProbeLoopOptions['probe'], signal: AbortSignal): Promise<void> {
  await probe(signal);
}
