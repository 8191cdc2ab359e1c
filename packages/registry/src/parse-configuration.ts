import { type ConfigProblem, ToolyardError } from '@toolyard/protocol';

import { buildDefinition, buildProfile } from './build.ts';
import { checkDocument } from './check-document.ts';
import type { Configuration } from './configuration.ts';
import { Findings } from './document/findings.ts';
import { find, type Located } from './document/located.ts';
import { readYaml } from './document/read-yaml.ts';
import type { Environment } from './document/references.ts';
import { freeze } from './freeze.ts';
import { translateOlderNames } from './older-names.ts';
import { parseSecret } from './secret.ts';

export interface ParseOptions {
  /** What `${NAME}` refers to. Nothing else of the surroundings is read. */
  readonly environment: Environment;
  /** The file's path: its folder is where relative `cwd`s start, and where a command without `cwd` runs. Also named in the error's message. */
  readonly file?: string;
}

/**
 * Reads a configuration in YAML 1.2. Throws `CONFIG_INVALID` with everything that is wrong, and nothing else.
 * No value from the environment, of a header, of `auth` or of `secret` occurs in what it throws.
 */
export function parseConfiguration(text: string, options: ParseOptions): Configuration {
  const problems = new Findings();
  const notices = new Findings();
  const written = readYaml(text, options.environment, problems);
  const root = written && translateOlderNames(written, problems, notices);
  const shape = root && checkDocument(root, problems);
  if (root === undefined || shape === undefined || problems.any) throw configInvalid(problems.all(), options.file);
  // Not the keys of the checked object: it would put numeric ids first.
  const servers = keysOf(find(root, ['servers']).node).flatMap((id) => {
    const server = shape.servers[id];
    return server === undefined ? [] : [buildDefinition(id, server, options.file)];
  });
  const profiles = keysOf(find(root, ['profiles']).node).flatMap((name) => {
    const profile = shape.profiles?.[name];
    return profile === undefined ? [] : [buildProfile(name, profile)];
  });
  const secret = shape.secret === undefined ? undefined : parseSecret(shape.secret);
  return freeze({
    servers,
    orchestration: shape.orchestration ?? {},
    profiles,
    ...(shape.cache !== undefined && { cache: shape.cache }),
    ...(secret !== undefined && 'secret' in secret && { secret: secret.secret }),
    notices: notices.all(),
  });
}

function keysOf(node: Located): readonly string[] {
  return node.kind === 'map' ? [...node.entries.keys()] : [];
}

/** The error for a file that cannot be used: its message lists every problem on a line of its own, `file:line:column` first. */
export function configInvalid(
  problems: readonly ConfigProblem[],
  file = 'configuration',
): ToolyardError<'CONFIG_INVALID'> {
  const lines = problems.map(({ line, column, path, message }) => {
    const place = line === 0 ? file : `${file}:${line}:${column}`;
    return `  ${place}  ${path === '' ? '' : `${path}: `}${message}`;
  });
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new ToolyardError('CONFIG_INVALID', { problems }, `${count} in ${file}\n${lines.join('\n')}`);
}
