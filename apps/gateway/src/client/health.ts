import { z } from 'zod';

import type { GatewayStatus } from '../status/status.ts';
import { answerWithinMs } from './no-answer.ts';

export interface Health {
  /** The status code of HTTP. */
  readonly code: number;
  /** What was answered, as it came. */
  readonly body: unknown;
  /** `undefined` where no Toolyard gateway answered. */
  readonly status: GatewayStatus | undefined;
}

/** Rejects where nothing answers within 10 s. */
export async function askHealth(url: URL, signal?: AbortSignal): Promise<Health> {
  const timeout = AbortSignal.timeout(answerWithinMs);
  const response = await fetch(url, {
    signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    redirect: 'error',
  });
  const body: unknown = await response.json().catch(() => undefined);
  return { code: response.status, body, status: shape.safeParse(body).data };
}

const shape: z.ZodType<GatewayStatus> = z.object({
  status: z.enum(['ok', 'degraded', 'down', 'starting', 'stopping']),
  version: z.string(),
  endpoint: z.string().exactOptional(),
  servers: z.array(
    z.object({
      id: z.string(),
      name: z.string().exactOptional(),
      tags: z.array(z.string()).exactOptional(),
      domains: z.array(z.string()).exactOptional(),
      state: z.enum(['starting', 'healthy', 'degraded', 'unhealthy', 'stopped']),
      wire: z.string().exactOptional(),
      revision: z.string().exactOptional(),
      tools: z.number(),
      prompts: z.number(),
      resources: z.number(),
      readyMs: z.number().exactOptional(),
      problem: z.string().exactOptional(),
      nextAttemptInMs: z.number().exactOptional(),
      activity: z
        .object({
          instancesUp: z.number(),
          instances: z.number(),
          inFlight: z.number(),
          queued: z.number(),
          restarts: z.number(),
          p95Ms: z.number().exactOptional(),
        })
        .exactOptional(),
    }),
  ),
  profiles: z
    .array(
      z.object({
        name: z.string(),
        endpoint: z.string().exactOptional(),
        mode: z.enum(['direct', 'search', 'auto']),
        tools: z.number(),
      }),
    )
    .exactOptional(),
});
