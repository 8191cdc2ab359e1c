import type { ServerDefinition, ServerRegistry } from '@toolyard/registry';
import { ToolyardError } from '@toolyard/protocol';
import { deadline } from '../waiting/deadline.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { orAborted } from '../waiting/pause.ts';
import type { ServerEntry } from '../server-entry.ts';
import { absence } from './list-resources.ts';

/** A registry did not take what it was told about a server. It is told again when something changes. */
export interface RegistryProblem {
  readonly server: string;
  readonly error: unknown;
}

export interface RegistryKeeperOptions {
  readonly registry: ServerRegistry;
  readonly fleet: Fleet;
  readonly tell: (problem: RegistryProblem) => void;
}

/** Writes down in a registry what is deployed and connected, one server after the other, behind everybody's back. */
export interface RegistryKeeper {
  /** Servers came, went, or have other definitions. Nothing is written before the first time. */
  roster(): void;
  /** Something of a server changed, perhaps whether it takes calls, or why it does not. */
  look(server: string): void;
  /** Resolves when nothing is left to be written, or `ms` later; then nothing is written any more. */
  close(ms: number): Promise<void>;
}

/** What the registry took last. */
interface Written {
  readonly entry: ServerEntry;
  /** `undefined`: that it takes calls. Missing before anything of this was written. */
  readonly absence?: string | undefined;
}

const writeTimeoutMs = 10_000;

export function keepRegistry({ registry, fleet, tell }: RegistryKeeperOptions): RegistryKeeper {
  const written = new Map<string, Written>();
  /** Only the latest state of a server is written, so that a slow registry makes nothing pile up. */
  const dirty = new Set<string>();
  const failed = new Set<string>();
  let running: Promise<void> | undefined;
  let begun = false;
  const ending = new AbortController();
  const inTime = (id: string, work: Promise<unknown>): Promise<void> => within(id, work, ending.signal);

  const write = async (id: string): Promise<void> => {
    const server = fleet.find(id);
    const before = written.get(id);
    const definition = server && definitionOf(server.entry);
    if (server === undefined || definition === undefined) {
      if (before !== undefined) await inTime(id, registry.unregister(id));
      written.delete(id);
      return;
    }
    const { entry } = server;
    if (before?.entry !== entry) {
      await inTime(id, registry.register(definition));
      written.set(id, { ...before, entry });
    }
    const why = absence(server)?.message;
    if (before !== undefined && 'absence' in before && before.absence === why) return;
    await inTime(id, why === undefined ? registry.markConnected(id) : registry.markDisconnected(id, why));
    written.set(id, { entry, absence: why });
  };
  const run = async (): Promise<void> => {
    for (const id of dirty) {
      if (ending.signal.aborted) break;
      dirty.delete(id);
      try {
        await write(id);
      } catch (error) {
        // What was refused as it is would be refused again.
        if (!ToolyardError.is(error, 'CONFIG_INVALID')) failed.add(id);
        tell({ server: id, error });
      }
    }
    running = undefined;
  };
  const kick = (): void => {
    for (const id of failed) dirty.add(id);
    failed.clear();
    // Begins later, so that what changes together is written once.
    running ??= Promise.resolve().then(run);
  };
  return {
    roster() {
      begun = true;
      for (const { id, entry } of fleet.all) if (written.get(id)?.entry !== entry) dirty.add(id);
      for (const id of written.keys()) if (fleet.find(id) === undefined) dirty.add(id);
      kick();
    },
    look(server) {
      if (!begun) return;
      dirty.add(server);
      kick();
    },
    async close(ms) {
      using late = deadline(ms, new AbortController().signal, () => new Error('late'));
      while (running !== undefined && !late.signal.aborted)
        await orAborted(running, late.signal).catch(() => undefined);
      ending.abort();
    },
  };
}

/** `undefined` for a function of this process, which nobody could keep. */
function definitionOf(entry: ServerEntry): ServerDefinition | undefined {
  const { target } = entry;
  if ('service' in target) return undefined;
  return { priority: 0, domains: [], capabilities: [], tags: [], ...entry, target };
}

async function within(server: string, work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  using late = deadline(writeTimeoutMs, signal, () => {
    const facts = { upstream: server, method: 'registry', afterMs: writeTimeoutMs };
    return new ToolyardError('UPSTREAM_TIMEOUT', facts, `The registry did not answer within ${writeTimeoutMs} ms.`);
  });
  await orAborted(work, late.signal);
}
