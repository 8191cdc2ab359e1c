import { percentile } from '../figures/percentile.ts';
import { cpuSeconds, type Memory, memoryOf } from '../processes/usage.ts';

/** What a run of the load generator measured. */
export interface LoadFigures {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were not what was asked for; they are among the requests. */
  readonly errors: number;
  readonly firstError: string;
  /** Of the measured process alone, user and system. */
  readonly cpuMicrosPerRequest: number;
  /** At the end, while all connections are open, with all processes that it started. */
  readonly memory: Memory;
}

/** Counts how calls ended. */
export class Tally {
  readonly #pid: number;
  readonly #cpuBefore: number;
  readonly #latencies: number[] = [];
  #errors = 0;
  #firstError = '';

  /** Counts CPU time of the process from now on. */
  constructor(pid: number) {
    this.#pid = pid;
    this.#cpuBefore = cpuSeconds(pid);
  }

  add(latencyMs: number, problem: string | undefined): void {
    this.#latencies.push(latencyMs);
    if (problem === undefined) return;
    this.#errors += 1;
    this.#firstError ||= problem;
  }

  figures(elapsedMs: number): LoadFigures {
    const latencies = this.#latencies;
    return {
      requests: latencies.length,
      perSecond: (latencies.length * 1_000) / elapsedMs,
      p50Ms: percentile(latencies, 50),
      p99Ms: percentile(latencies, 99),
      errors: this.#errors,
      firstError: this.#firstError,
      cpuMicrosPerRequest: ((cpuSeconds(this.#pid) - this.#cpuBefore) * 1e6) / latencies.length,
      memory: memoryOf(this.#pid),
    };
  }
}
