import type { ProfileView } from '@toolyard/orchestrator';
import { type Service, ToolyardError } from '@toolyard/protocol';
import type { ProfileDefinition } from '@toolyard/registry';
import type { HttpEndpoint } from '@toolyard/transport-http';

import { profilePath } from '../client/endpoint.ts';
import type { ProfileStatus } from '../status/status.ts';

/** Throws `CONFIG_INVALID` where a profile was asked for that is not there, so that nobody gets everything instead. */
export function checkProfile(wanted: string | undefined, profiles: readonly ProfileDefinition[]): void {
  if (wanted === undefined || profiles.some(({ name }) => name === wanted)) return;
  const known = profiles.length === 0 ? 'none' : profiles.map(({ name }) => name).join(', ');
  const message = `There is no profile "${wanted}"; there is ${known}.`;
  throw new ToolyardError('CONFIG_INVALID', { problems: [{ line: 0, column: 0, path: 'profiles', message }] }, message);
}

/** `/mcp/<profile>`, with the places for clients of 2024-11-05 below it. */
export function profileEndpoint(view: ProfileView, service: Service): HttpEndpoint {
  const path = profilePath(view.profile.name);
  return {
    path,
    service,
    toolHeaders: (tool) => view.toolHeaders(tool),
    sse: { path: `${path}/sse`, messagesPath: `${path}/messages` },
  };
}

/** `endpoint`: the gateway's own. */
export function describeProfile({ profile, tools }: ProfileView, endpoint: string | undefined): ProfileStatus {
  const at = endpoint === undefined ? {} : { endpoint: new URL(profilePath(profile.name), endpoint).href };
  return { name: profile.name, ...at, mode: profile.mode ?? 'direct', tools: tools.size };
}
