import { dirname, isAbsolute, resolve } from 'node:path';

import type { CommandTarget } from '@toolyard/protocol';

import type { ProfileShape } from '../rules/profile-shape.ts';
import type { AuthShape, ProcessShape, ServerShape } from '../rules/server-shape.ts';
import type { ProfileDefinition, ToolWording } from './profile-definition.ts';
import type { ServerDefinition, ServerTarget } from './server-definition.ts';

/** Turns a server that passed all checks into its definition. `file` is what relative folders start from. */
export function buildDefinition(id: string, shape: ServerShape, file: string | undefined): ServerDefinition {
  const {
    name,
    transport,
    instances,
    calls,
    health,
    breaker,
    cache,
    restart,
    timeoutMs,
    maxTimeoutMs,
    connectTimeoutMs,
    urls,
  } = shape;
  const perUrl = urls === undefined ? {} : { min: urls.length };
  return {
    id,
    ...(name === undefined ? {} : { name }),
    target: buildTarget(shape, file),
    ...(transport === undefined ? {} : { transport }),
    priority: shape.priority ?? 0,
    domains: shape.domains ?? [],
    capabilities: shape.capabilities ?? [],
    tags: shape.tags ?? [],
    ...(instances === undefined && urls === undefined ? {} : { instances: { ...perUrl, ...instances } }),
    ...(calls === undefined ? {} : { calls }),
    ...(health === undefined ? {} : { health }),
    ...(breaker === undefined ? {} : { breaker }),
    ...(cache === undefined ? {} : { cache }),
    ...(restart === undefined ? {} : { restart }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(maxTimeoutMs === undefined ? {} : { maxTimeoutMs }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
  };
}

/** Turns a profile that passed all checks into its definition. */
export function buildProfile(name: string, { describe, ...shape }: ProfileShape): ProfileDefinition {
  if (describe === undefined) return { name, ...shape };
  const wordings = Object.entries(describe).map(([tool, words]): [string, ToolWording] => [
    tool,
    typeof words === 'string' ? { description: words } : words,
  ]);
  return { name, ...shape, describe: Object.fromEntries(wordings) };
}

function buildTarget(shape: ServerShape, file: string | undefined): ServerTarget {
  const { url, urls, start } = shape;
  const all = { ...shape.headers, ...credentials(shape.auth) };
  const headers = Object.keys(all).length === 0 ? {} : { headers: all };
  if (urls !== undefined) return { urls, ...headers };
  if (url === undefined) return buildCommand(shape, file);
  return { url, ...headers, ...(start === undefined ? {} : { start: buildCommand(start, file) }) };
}

function buildCommand({ command = '', args, env, cwd, limits }: ProcessShape, file: string | undefined): CommandTarget {
  const folder = file === undefined ? undefined : dirname(resolve(file));
  const where = cwd === undefined || isAbsolute(cwd) || folder === undefined ? (cwd ?? folder) : resolve(folder, cwd);
  return {
    command,
    ...(args === undefined ? {} : { args }),
    ...(env === undefined ? {} : { env: { ...env } }),
    ...(where === undefined ? {} : { cwd: where }),
    ...(limits === undefined ? {} : { limits }),
  };
}

function credentials(auth: AuthShape | undefined): Record<string, string> {
  switch (auth?.type) {
    case 'bearer':
      return { Authorization: `Bearer ${auth.token}` };
    case 'api_key':
      return { [auth.header]: auth.key };
    default:
      return {};
  }
}
