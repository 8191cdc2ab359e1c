import type { ToolDocument } from '@toolyard/native-index';
import { modeKey } from '@toolyard/orchestrator';
import { RawObject, type Transport } from '@toolyard/protocol';

import type { Surroundings } from '../cli/surroundings.ts';
import type { ServerStatus } from '../status/status.ts';
import { toolDocument } from '../search/tool-document.ts';
import { chooseEndpoint, healthUrl } from './endpoint.ts';
import { connectGateway } from './gateway-client.ts';
import { askHealth } from './health.ts';
import { listAll } from './list-all.ts';

export interface GatewayToolsOptions {
  readonly url?: string;
  /** Through which profile. */
  readonly profile?: string;
}

/** Stands for the server of tools whose names do not tell it. It has no word in it that a request could have. */
const unknownServer = '-';

/** A tool of the running gateway. */
export interface GatewayTool {
  /** What callers call it. */
  readonly name: string;
  /** The id of its server; empty where its name does not tell. */
  readonly server: string;
  /** Tags and domains of its server. */
  readonly tags: readonly string[];
  readonly definition: RawObject;
}

/** All tools of the running gateway, also where it lists meta-tools in their place. */
export async function gatewayTools(
  { url, profile }: GatewayToolsOptions,
  { environment }: Surroundings,
  transport: Transport,
  version: string,
  signal: AbortSignal,
): Promise<readonly GatewayTool[]> {
  const endpoint = chooseEndpoint(url, environment, profile);
  await using client = await connectGateway({ endpoint, transport, version, signal });
  const params = RawObject.of({ _meta: { [modeKey]: 'direct' } });
  const definitions = await listAll(client, 'tools/list', 'tools', { params, signal });
  const servers = await serversOf(endpoint, signal);
  return definitions.flatMap((definition) => {
    const name = definition.string('name');
    if (name === undefined) return [];
    const server = serverOf(name, servers);
    const tags = servers.find(({ id }) => id === server)?.tags ?? [];
    return [{ name, server, tags, definition }];
  });
}

/** None where the endpoint is some other server's: its tools can be searched all the same. */
async function serversOf(endpoint: URL, signal: AbortSignal): Promise<readonly ServerStatus[]> {
  try {
    return (await askHealth(healthUrl(endpoint), signal)).status?.servers ?? [];
  } catch (error) {
    if (signal.aborted) throw error;
    return [];
  }
}

/** The tool as a search takes it in, as the gateway's own does; only the server's own words about itself are not known here. */
export function documentOf({ name, server, tags, definition }: GatewayTool): ToolDocument {
  const prefix = prefixOf(server);
  const ownName = server !== '' && name.startsWith(prefix) ? name.slice(prefix.length) : name;
  const tool = { id: name, name, server: server === '' ? unknownServer : server, ownName, definition };
  return toolDocument(tool, { tags, about: undefined });
}

/** Names begin with their server's id, unless a profile gave them another. */
function serverOf(name: string, servers: readonly { readonly id: string }[]): string {
  const owners = servers.map(({ id }) => id).filter((id) => name.startsWith(prefixOf(id)));
  const [longest] = owners.toSorted((a, b) => b.length - a.length);
  return longest ?? (servers.length === 1 ? (servers[0]?.id ?? '') : '');
}

function prefixOf(server: string): string {
  return `${server.replaceAll(/[^A-Za-z0-9_-]/gu, '_')}__`;
}
