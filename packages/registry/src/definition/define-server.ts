import type { ConfigProblem } from '@toolyard/protocol';

import { configInvalid } from '../document/config-invalid.ts';
import { Findings } from '../document/findings.ts';
import { located } from '../document/located.ts';
import { checkDocument } from '../rules/check-document.ts';
import { serverIdRule } from '../rules/server-id.ts';
import type { ServerShape } from '../rules/server-shape.ts';
import { buildDefinition } from './build.ts';
import type { ServerDefinition } from './server-definition.ts';

/**
 * A server that comes from no file: `shape` is what stands under its id in one, as a plain object. Throws `CONFIG_INVALID` with everything that is wrong with
 * it; places have line and column 0. References (`${NAME}`) are not resolved.
 */
export function defineServer(id: string, shape: ServerShape): ServerDefinition {
  if (typeof id !== 'string') throw configInvalid([noId], 'the definition of a server');
  const problems = new Findings();
  const document = checkDocument(located({ servers: { [id]: shape } }), problems);
  const server = document?.servers[id];
  if (server === undefined || problems.any) throw configInvalid(problems.all(), `the definition of ${id.slice(0, 64)}`);
  return buildDefinition(id, server, undefined);
}

const noId: ConfigProblem = { line: 0, column: 0, path: 'id', message: `found no text; expected ${serverIdRule}` };
