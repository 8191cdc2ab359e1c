import { z } from 'zod';

import type { ProcessReport } from '../processes/process-report.ts';
import { answerWithinMs } from './no-answer.ts';

export interface AskedProcesses {
  /** The status code of HTTP. */
  readonly code: number;
  /** What was answered, as it came. */
  readonly body: unknown;
  /** `undefined` where it was something else. */
  readonly report: ProcessReport | undefined;
}

/** Rejects where nothing answers within 10 s. Without a token, it only learns whether something does. */
export async function askProcesses(url: URL, token: string | undefined): Promise<AskedProcesses> {
  const response = await fetch(url, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(answerWithinMs),
    redirect: 'error',
  });
  const body: unknown = await response.json().catch(() => undefined);
  return { code: response.status, body, report: shape.safeParse(body).data };
}

const count = z.number().exactOptional();

const shape: z.ZodType<ProcessReport> = z.object({
  version: z.string(),
  processes: z.array(
    z.object({
      server: z.string(),
      instance: count,
      pid: count,
      command: z.string().exactOptional(),
      url: z.string().exactOptional(),
      state: z.enum(['starting', 'up', 'down', 'draining', 'closed', 'ending']),
      ageMs: count,
      memoryBytes: count,
      calls: count,
      inFlight: count,
      restarts: count,
      problem: z.string().exactOptional(),
      nextAttemptInMs: count,
    }),
  ),
});
