import type { ConfigProblem } from '@toolyard/protocol';
import { readDefinition } from '@toolyard/registry';
import type { OrchestratorOptions } from '../options.ts';
import type { ServerEntry } from '../server-entry.ts';

/** What of the options bears on definitions. */
export type ServerRules = Pick<OrchestratorOptions, 'memoryOf'>;

/** `server` where there are no problems. */
interface ReadServer {
  readonly server: ServerEntry | undefined;
  readonly problems: readonly ConfigProblem[];
}

/** Reads a definition by the rules of the registry, and those of this orchestrator. `place`: what problems call one without an id. */
export function readServer(given: unknown, place: string | number, { memoryOf }: ServerRules): ReadServer {
  const path = ['servers', idOf(given) ?? place];
  const { definition, problems } = readDefinition(given, { path, services: true });
  if (definition?.restart?.maxMemoryMb === undefined || memoryOf !== undefined) return { server: definition, problems };
  const message = '"maxMemoryMb" needs "memoryOf" of the orchestrator, which tells the memory of processes';
  const missing = { line: 0, column: 0, path: `servers.${definition.id}.restart.maxMemoryMb`, message };
  return { server: undefined, problems: [missing] };
}

function idOf(given: unknown): string | undefined {
  const id = typeof given === 'object' && given !== null && 'id' in given ? given.id : undefined;
  return typeof id === 'string' ? id : undefined;
}
