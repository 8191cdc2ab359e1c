import type { Caller, Connection } from '@toolyard/protocol';
import { RawObject, ToolyardError } from '@toolyard/protocol';
import type { Breaker } from '../../resilience/breaker.ts';
import { probeLoop, type ProbeLoopOptions } from '../../resilience/probe-loop.ts';
import { verdictOf } from '../../resilience/verdict.ts';
import { asker } from '../offer/own-calls.ts';
import { orAborted } from '../../waiting/pause.ts';

export interface ProbingOptions extends Pick<ProbeLoopOptions, 'upstream' | 'lastAnswerMs' | 'onProbe'> {
  readonly connection: Connection;
  readonly caller: Caller;
  /** Learns from probes, too, and lets none through while it is open. */
  readonly breaker: Breaker;
  /** Between two of them; 0: there are none. */
  readonly intervalMs: number;
  readonly now: () => number;
  readonly random: () => number;
}

/** A probe takes no longer than the time to the next one, and this. */
const longestProbeMs = 10_000;

/** Asks for signs of life for as long as the connection lasts, or until what it returns is called, which ends a probe that is under way. */
export function keepProbing({ connection, caller, breaker, ...options }: ProbingOptions): () => void {
  const { intervalMs, upstream } = options;
  if (intervalMs === 0) return () => undefined;
  const timeoutMs = Math.min(intervalMs, longestProbeMs);
  const over = new AbortController();
  const end = (): void =>
    over.abort(new ToolyardError('CLOSED', { what: upstream }, `${upstream} is not probed any more.`));
  void connection.closed.then(end);
  const ask = async (signal: AbortSignal): Promise<void> => {
    if (connection.check !== undefined) return orAborted(connection.check(signal), signal);
    await asker(connection.service, { caller, signal })('server/discover', RawObject.empty).catch((error: unknown) => {
      // Whatever it says, it is there.
      if (verdictOf(error) === 'fault') throw error;
    });
  };
  void probeLoop({ ...options, timeoutMs, signal: over.signal, probe: (signal) => breaker.run(() => ask(signal)) });
  return end;
}
