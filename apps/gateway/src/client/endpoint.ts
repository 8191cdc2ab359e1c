import type { Environment } from '@toolyard/registry';

import { CommandFailure, exitCodes } from '../cli/exit-codes.ts';
import { endpointPath, healthPath, processesPath, profilePath } from '../doors/paths.ts';

/** Not registered for any service, and below the ports that systems hand out by themselves. */
export const defaultPort = 7420;
export const defaultHost = '127.0.0.1';

/** Which gateway to talk to: what was asked for, else `TOOLYARD_URL`, else the default address; and which profile of it. */
export function chooseEndpoint(asked: string | undefined, environment: Environment, profile?: string): URL {
  const text = asked ?? (environment['TOOLYARD_URL'] || `http://${defaultHost}:${defaultPort}${endpointPath}`);
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const what = asked === undefined ? 'TOOLYARD_URL' : '--url';
    throw new CommandFailure(
      exitCodes.usage,
      `${what} must be the URL of a gateway, such as http://${defaultHost}:${defaultPort}${endpointPath}.`,
    );
  }
  if (url.pathname === '/') url.pathname = endpointPath;
  if (profile !== undefined) url.pathname = url.pathname.replace(/\/mcp(?:\/[^/]*)?$/, '') + profilePath(profile);
  return url;
}

/** `/health` of the gateway at an endpoint. */
export function healthUrl(endpoint: URL): URL {
  return new URL(healthPath, endpoint);
}

/** `/processes` of the gateway at an endpoint. */
export function processesUrl(endpoint: URL): URL {
  return new URL(processesPath, endpoint);
}

export function notServed(endpoint: URL, cause: unknown): CommandFailure {
  const message = `What answers at ${endpoint.origin} serves nothing at ${endpoint.pathname}; "toolyard status" lists a gateway's profiles.`;
  return new CommandFailure(exitCodes.usage, message, { cause });
}
