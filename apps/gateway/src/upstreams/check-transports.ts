import { type Target, ToolyardError, type Transport } from '@toolyard/protocol';
import { type ServerDefinition, targetsOf } from '@toolyard/registry';

/** Throws `CONFIG_INVALID` with every server that no transport can reach. */
export function checkTransports(servers: readonly ServerDefinition[], transports: readonly Transport[]): void {
  const names = transports.map(({ name }) => name).join(', ');
  const problems = servers.flatMap(({ id, target, transport: asked }) => {
    const path = `servers.${id}`;
    const named = transports.find(({ name }) => name === asked);
    if (asked !== undefined && named === undefined)
      return [problem(`${path}.transport`, `there is no transport with this name; there are ${names}`)];
    const mayReach = named === undefined ? transports : [named];
    const targets = targetsOf(target);
    const at = targets.findIndex((one) => !mayReach.some((transport) => transport.accepts(one)));
    const stranger = targets[at];
    if (stranger === undefined) return [];
    if (named !== undefined)
      return [problem(`${path}.transport`, `the transport "${named.name}" cannot reach ${kindOf(stranger)}`)];
    const key = 'command' in target ? 'command' : 'urls' in target ? `urls[${at}]` : 'url';
    return [problem(`${path}.${key}`, `no transport can reach ${kindOf(stranger)}; there are ${names}`)];
  });
  if (problems.length === 0) return;
  throw new ToolyardError(
    'CONFIG_INVALID',
    { problems },
    problems.map(({ path, message }) => `${path}: ${message}`).join('\n'),
  );
}

function problem(path: string, message: string): { line: number; column: number; path: string; message: string } {
  return { line: 0, column: 0, path, message };
}

function kindOf(target: Target): string {
  return 'url' in target ? `URLs with "${target.url.slice(0, target.url.indexOf(':'))}:"` : 'a command';
}
