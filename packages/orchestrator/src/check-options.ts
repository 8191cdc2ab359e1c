import type { ConfigProblem } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { checkProfiles, maxInstances } from '@toolyard/registry';
import type { OrchestratorOptions } from './options.ts';
import type { ServerEntry } from './server-entry.ts';

const maxServers = 65_535;

type Complain = (path: string, message: string) => void;

/** Throws `CONFIG_INVALID` for all that can be seen to be wrong before anything is connected. */
export function checkOptions({ servers, naming, profiles = [], memoryOf }: OrchestratorOptions): void {
  refuse((complain) => {
    const seen = new Set<string>();
    for (const entry of servers) {
      const { id } = entry;
      if (seen.has(id)) complain(`servers.${id}`, `The id ${id} is given twice; each server needs one of its own.`);
      seen.add(id);
      checkEntry(entry, complain);
      checkRestart(entry, memoryOf, complain);
    }
    checkCount(servers.length, naming, complain);
    for (const problem of checkProfiles(profiles, {
      servers,
      ...(naming !== undefined && { naming }),
    }))
      complain(problem.path, `${problem.path}: ${problem.message}${problem.message.endsWith('?') ? '' : '.'}`);
  });
}

/** The same for a server that comes later; `count`: how many there are with it. */
export function checkDeployment(
  entry: ServerEntry,
  count: number,
  { naming, memoryOf }: Pick<OrchestratorOptions, 'naming' | 'memoryOf'>,
): void {
  refuse((complain) => {
    checkEntry(entry, complain);
    checkRestart(entry, memoryOf, complain);
    checkCount(count, naming, complain);
  });
}

function checkCount(count: number, naming: OrchestratorOptions['naming'], complain: Complain): void {
  if (count > maxServers) complain('servers', `There are ${count} servers; 65,535 are the most.`);
  if (naming === 'flat' && count !== 1)
    complain('naming', `Flat naming is for one server, and there are ${count}: use prefixed.`);
}

function checkEntry({ id, target, instances = {} }: ServerEntry, complain: Complain): void {
  if (id === '') complain('servers', 'A server has an empty id.');
  const place = `servers.${id}`;
  const text = 'url' in target ? target.url : 'command' in target ? target.command : target.service;
  if (typeof text === 'string' ? text === '' : typeof text !== 'function')
    complain(place, `The target of ${id} says nothing: it has a "url", a "command" or a "service".`);
  const { min = 1, max = min } = instances;
  const fits = [min, max].every((count) => Number.isInteger(count) && count >= 1 && count <= maxInstances);
  if (!fits || max < min)
    complain(`${place}.instances`, `The instances of ${id} are whole numbers from 1 to ${maxInstances}, "min" first.`);
}

function checkRestart({ id, restart = {}, instances = {} }: ServerEntry, memoryOf: unknown, complain: Complain): void {
  for (const bound of [restart.maxMemoryMb, restart.maxAgeMs, instances.idleMs])
    if (bound !== undefined && !(bound > 0))
      complain(`servers.${id}`, `The bounds in "restart" and "idleMs" of ${id} are more than 0.`);
  if (restart.maxMemoryMb !== undefined && memoryOf === undefined)
    complain(
      `servers.${id}.restart`,
      `The "maxMemoryMb" of ${id} needs "memoryOf", which tells the memory of processes.`,
    );
}

function refuse(look: (complain: Complain) => void): void {
  const problems: ConfigProblem[] = [];
  look((path, message) => void problems.push({ line: 0, column: 0, path, message }));
  if (problems.length === 0) return;
  throw new ToolyardError('CONFIG_INVALID', { problems }, problems.map(({ message }) => message).join(' '));
}
