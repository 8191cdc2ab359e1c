import type { ConfigProblem } from '@toolyard/protocol';

import type { ServerDefinition } from '../configuration.ts';
import { configInvalid } from '../parse-configuration.ts';
import { isServerId, serverIdRule } from '../server-id.ts';

const maxPriority = 1_000;

/** Throws `CONFIG_INVALID` with all that keeps a definition from being stored and found again. What its target is to those who connect to it is theirs to check. */
export function checkDefinition(definition: ServerDefinition): void {
  const problems: ConfigProblem[] = [];
  const complain = (path: string, message: string): void =>
    void problems.push(Object.freeze({ line: 0, column: 0, path, message }));
  const { id, target, priority } = definition;
  if (typeof id !== 'string' || !isServerId(id)) complain('id', `this cannot be an id: ${serverIdRule}`);
  if (!Number.isInteger(priority) || Math.abs(priority) > maxPriority)
    complain('priority', `this is no whole number from -${maxPriority} to ${maxPriority}`);
  for (const key of ['domains', 'capabilities', 'tags'] as const)
    if (!areTexts(definition[key])) complain(key, 'this is no list of texts');
  if (typeof target !== 'object' || target === null || !isText('url' in target ? target.url : target.command))
    complain('target', 'it says nothing: it has a "url" or a "command"');
  if (problems.length > 0) throw configInvalid(problems, 'the definition of a server');
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
