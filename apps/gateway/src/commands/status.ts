import { CommandFailure, type ExitCode, exitCodes } from '../cli/exit-codes.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { chooseEndpoint, healthUrl } from '../client/endpoint.ts';
import { askHealth } from '../client/health.ts';
import { noAnswer } from '../client/no-answer.ts';
import { renderStatus } from '../status/render-status.ts';
import { watchStatus, type WatchOptions } from './watch-status.ts';

export interface StatusOptions {
  readonly url?: string;
  readonly json: boolean;
  /** Goes on until it is ended. */
  readonly watch: boolean;
}

const watchEveryMs = 1_000;

/** Shows the state of the running gateway and of each server. Fails when no server can be called. */
export async function status({ url, json, watch }: StatusOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { environment, out } = surroundings;
  const endpoint = chooseEndpoint(url, environment);
  const ask: WatchOptions['ask'] = async (signal) => {
    const health = await askHealth(healthUrl(endpoint), signal).catch(async (error: unknown) => {
      throw await noAnswer(endpoint, error);
    });
    if (health.status === undefined)
      throw new CommandFailure(exitCodes.unavailable, `What answers at ${endpoint.origin} is no Toolyard gateway.`);
    return { ...health, status: health.status };
  };
  if (watch) return watchStatus({ ask, json, everyMs: watchEveryMs }, surroundings);
  const { code, body, status: read } = await ask(new AbortController().signal);
  if (json) out(JSON.stringify(body));
  else out(`${read.status}: ${read.endpoint ?? endpoint.href} (Toolyard ${read.version})\n\n${renderStatus(read)}`);
  return code === 200 ? exitCodes.ok : exitCodes.failed;
}
