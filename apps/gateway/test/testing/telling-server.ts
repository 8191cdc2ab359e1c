import { fileURLToPath } from 'node:url';

const fixture = fileURLToPath(new URL('../fixtures/telling-server.ts', import.meta.url));

/** A line of YAML for the server that tells what it should not. */
export function tellingServer(id: string, more = ''): string {
  return `  ${id}: { command: node, args: ${JSON.stringify([fixture])}${more === '' ? '' : `, ${more}`} }\n`;
}
