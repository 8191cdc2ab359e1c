import { z } from 'zod';

import { CommandFailure, type ExitCode, exitCodes } from '../cli/exit-codes.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { chooseEndpoint, healthUrl, nothingThere } from '../client/endpoint.ts';
import { type GatewayStatus, renderServers } from '../gateway/status.ts';

export interface StatusOptions {
  readonly url?: string;
  readonly json: boolean;
}

const timeoutMs = 10_000;

/** Shows the state of the running gateway and of each server. Fails when no server can be called. */
export async function status(options: StatusOptions, { environment, out }: Surroundings): Promise<ExitCode> {
  const endpoint = chooseEndpoint(options.url, environment);
  const { code, body } = await ask(endpoint);
  const read = shape.safeParse(body);
  if (!read.success)
    throw new CommandFailure(exitCodes.unavailable, `What answers at ${endpoint.origin} is no Toolyard gateway.`);
  if (options.json) out(JSON.stringify(body));
  else
    out(
      `${read.data.status}: ${read.data.endpoint ?? endpoint.href} (Toolyard ${read.data.version})\n\n${renderServers(read.data.servers)}`,
    );
  return code === 200 ? exitCodes.ok : exitCodes.failed;
}

async function ask(endpoint: URL): Promise<{ code: number; body: unknown }> {
  try {
    const response = await fetch(healthUrl(endpoint), { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
    const body: unknown = await response.json().catch(() => undefined);
    return { code: response.status, body };
  } catch (error) {
    throw nothingThere(endpoint, error);
  }
}

const shape: z.ZodType<GatewayStatus> = z.object({
  status: z.enum(['ok', 'degraded', 'down', 'starting', 'stopping']),
  version: z.string(),
  endpoint: z.string().exactOptional(),
  servers: z.array(
    z.object({
      id: z.string(),
      name: z.string().exactOptional(),
      state: z.enum(['starting', 'up', 'down']),
      wire: z.string().exactOptional(),
      revision: z.string().exactOptional(),
      tools: z.number(),
      prompts: z.number(),
      resources: z.number(),
      readyMs: z.number().exactOptional(),
      problem: z.string().exactOptional(),
    }),
  ),
});
