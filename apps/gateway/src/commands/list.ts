import type { RawObject, Transport } from '@toolyard/protocol';

import { type ExitCode, exitCodes } from '../cli/exit-codes.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { oneLine, table } from '../cli/table.ts';
import { chooseEndpoint } from '../client/endpoint.ts';
import { callFailure } from '../client/failure.ts';
import { connectGateway, type GatewayClient } from '../client/gateway-client.ts';
import { listAll } from '../client/list-all.ts';

export interface ListOptions {
  readonly url?: string;
  /** Through which profile. */
  readonly profile?: string;
  readonly json: boolean;
}

export type ListKind = 'tools' | 'prompts' | 'resources';

/** Prints what the gateway offers of one kind. With `json`, the definitions verbatim, in one object. */
export async function list(
  kind: ListKind,
  options: ListOptions,
  surroundings: Surroundings,
  transport: Transport,
  version: string,
): Promise<ExitCode> {
  const endpoint = chooseEndpoint(options.url, surroundings.environment, options.profile);
  await using client = await connectGateway({ endpoint, transport, version });
  try {
    await print(client, kind, options.json, surroundings);
  } catch (error) {
    throw callFailure(error);
  }
  return exitCodes.ok;
}

async function print(client: GatewayClient, kind: ListKind, json: boolean, { out }: Surroundings): Promise<void> {
  const entries = await listAll(client, `${kind}/list`, kind);
  const templates = kind === 'resources' ? await listAll(client, 'resources/templates/list', 'resourceTemplates') : [];
  if (json) {
    const members = [member(kind, entries), ...(kind === 'resources' ? [member('resourceTemplates', templates)] : [])];
    out(`{${members.join(',')}}`);
  } else if (entries.length + templates.length === 0) {
    out(`The gateway has no ${kind}.`);
  } else if (kind === 'resources') {
    const rows = [...entries, ...templates].map((entry) => [
      text(entry, 'uri') || text(entry, 'uriTemplate'),
      text(entry, 'title') || text(entry, 'name'),
    ]);
    out(table(['resource', 'name'], rows));
  } else {
    out(
      table(
        [kind.slice(0, -1), 'what it does'],
        entries.map((entry) => [text(entry, 'name'), text(entry, 'description')]),
      ),
    );
  }
}

function member(name: string, entries: readonly RawObject[]): string {
  return `${JSON.stringify(name)}:[${entries.map((entry) => entry.text).join(',')}]`;
}

function text(entry: RawObject, key: string): string {
  return oneLine(entry.string(key) ?? '');
}
