import { CommandFailure, type ExitCode, exitCodes } from '../cli/exit-codes.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { chooseEndpoint, healthUrl, nothingThere } from '../client/endpoint.ts';
import { askHealth } from '../client/health.ts';
import { renderStatus } from '../gateway/status.ts';

export interface StatusOptions {
  readonly url?: string;
  readonly json: boolean;
}

/** Shows the state of the running gateway and of each server. Fails when no server can be called. */
export async function status(options: StatusOptions, { environment, out }: Surroundings): Promise<ExitCode> {
  const endpoint = chooseEndpoint(options.url, environment);
  const {
    code,
    body,
    status: read,
  } = await askHealth(healthUrl(endpoint)).catch((error: unknown) => {
    throw nothingThere(endpoint, error);
  });
  if (read === undefined)
    throw new CommandFailure(exitCodes.unavailable, `What answers at ${endpoint.origin} is no Toolyard gateway.`);
  if (options.json) out(JSON.stringify(body));
  else out(`${read.status}: ${read.endpoint ?? endpoint.href} (Toolyard ${read.version})\n\n${renderStatus(read)}`);
  return code === 200 ? exitCodes.ok : exitCodes.failed;
}
