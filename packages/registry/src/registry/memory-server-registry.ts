import { checkNumbers, countOf, ToolyardError } from '@toolyard/protocol';

import { checkDefinition } from '../definition/check-definition.ts';
import { freeze } from '../definition/freeze.ts';
import { byPrecedence } from '../definition/precedence.ts';
import type { ServerDefinition } from '../definition/server-definition.ts';
import { configInvalid } from '../document/config-invalid.ts';
import type { RegisteredServer, ServerRegistry } from './server-registry.ts';

export interface MemoryServerRegistryOptions {
  /** Default 65,535. */
  readonly maxServers?: number;
}

const maxReasonChars = 1_024;

/** A registry that lasts as long as the process. Throws `CONFIG_INVALID` for a bound that is none. */
export function memoryServerRegistry(options: MemoryServerRegistryOptions = {}): ServerRegistry {
  checkNumbers('a registry', options, { maxServers: countOf('servers') });
  const { maxServers = 65_535 } = options;
  const servers = new Map<string, RegisteredServer>();
  let closed = false;
  const open = (): void => {
    if (closed) throw new ToolyardError('CLOSED', { what: 'registry' }, 'The registry is closed.');
  };
  const list = async (wanted: (server: RegisteredServer) => boolean): Promise<readonly RegisteredServer[]> => {
    open();
    return [...servers.values()].filter(wanted).toSorted((a, b) => byPrecedence(a.definition, b.definition));
  };
  const mark = async (id: string, state: Omit<RegisteredServer, 'definition'>): Promise<void> => {
    open();
    const known = servers.get(id);
    if (known === undefined) throw unknownServer(id, [...servers.keys()]);
    servers.set(id, Object.freeze({ definition: known.definition, ...state }));
  };
  const close = async (): Promise<void> => {
    closed = true;
    servers.clear();
  };
  return {
    contract: 'registry/1',
    async register(given) {
      open();
      const definition = copy(given);
      const known = servers.get(definition.id);
      if (known === undefined && servers.size >= maxServers) throw full(maxServers);
      servers.set(definition.id, Object.freeze({ connected: false, ...known, definition }));
    },
    async unregister(id) {
      open();
      return servers.delete(id);
    },
    async get(id) {
      open();
      return servers.get(id);
    },
    byDomain: (domain) => list(({ definition }) => definition.domains.includes(domain)),
    byCapability: (capability) => list(({ definition }) => definition.capabilities.includes(capability)),
    all: () => list(() => true),
    connected: () => list(({ connected }) => connected),
    markConnected: (id) => mark(id, { connected: true }),
    markDisconnected: (id, reason) =>
      mark(id, { connected: false, ...(reason !== undefined && { reason: reason.slice(0, maxReasonChars) }) }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Frozen, so that it can be handed to everybody. */
function copy(given: ServerDefinition): ServerDefinition {
  checkDefinition(given);
  try {
    return freeze(structuredClone(given));
  } catch {
    const message = 'it holds what cannot be copied, such as a function';
    throw configInvalid([{ line: 0, column: 0, path: given.id, message }], 'the definition of a server');
  }
}

function full(maxServers: number): ToolyardError<'CONFIG_INVALID'> {
  const message = `there is room for ${maxServers} servers, and no more`;
  return configInvalid([{ line: 0, column: 0, path: 'servers', message }], 'the registry');
}

function unknownServer(id: string, ids: readonly string[]): ToolyardError<'SERVER_UNKNOWN'> {
  const server = id.slice(0, 64);
  return new ToolyardError(
    'SERVER_UNKNOWN',
    { server, known: ids.slice(0, 100) },
    `There is no server "${server}" in the registry.`,
  );
}
