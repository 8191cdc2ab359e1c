import { fileURLToPath } from 'node:url';

const fixture = fileURLToPath(new URL('../fixtures/stdio-server.ts', import.meta.url));

/** A line of YAML for the stdio fixture. */
export function fixtureServer(id: string, args: readonly string[], more = ''): string {
  return `  ${id}: { command: node, args: ${JSON.stringify([fixture, ...args])}${more === '' ? '' : `, ${more}`} }\n`;
}
