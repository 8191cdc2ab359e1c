import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A line of YAML for the stdio fixture. */
export function fixtureServer(id: string, args: readonly string[], more = ''): string {
  return line(id, 'stdio-server.ts', args, more);
}

/** A line of YAML for the server that tells what it should not. */
export function tellingServer(id: string, more = ''): string {
  return line(id, 'telling-server.ts', [], more);
}

function line(id: string, fixture: string, args: readonly string[], more: string): string {
  const program = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
  return `  ${id}: { command: node, args: ${JSON.stringify([program, ...args])}${more === '' ? '' : `, ${more}`} }\n`;
}

/** The program of a reference server from npm (`everything`, `filesystem`, `memory`), quoted for YAML. */
export function referenceServer(name: string): string {
  return JSON.stringify(createRequire(import.meta.url).resolve(`@modelcontextprotocol/server-${name}/dist/index.js`));
}
