import { configInvalid } from '../document/config-invalid.ts';
import { readDefinition } from './read-definition.ts';
import type { ServerDefinition } from './server-definition.ts';

const needed = ['priority', 'domains', 'capabilities', 'tags'] as const;

/** Throws `CONFIG_INVALID` with all that breaks a rule of the file, or keeps a definition from being stored and found again. */
export function checkDefinition(definition: ServerDefinition): void {
  const { problems } = readDefinition(definition, { path: [], services: false });
  const missing = needed
    .filter((key) => problems.length === 0 && definition[key] === undefined)
    .map((key) => ({ line: 0, column: 0, path: key, message: `"${key}" is missing` }));
  if (problems.length + missing.length > 0)
    throw configInvalid([...problems, ...missing], 'the definition of a server');
}
