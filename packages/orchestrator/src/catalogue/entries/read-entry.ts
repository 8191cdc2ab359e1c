import type { Checked, HeaderParam, RawJson } from '@toolyard/protocol';
import {
  checkPrompt,
  checkResource,
  checkResourceTemplate,
  checkTool,
  RawObject,
  readHeaderParams,
  ToolyardError,
} from '@toolyard/protocol';
import type { Kind } from '../kinds.ts';
import { listKinds } from '../kinds.ts';

/** What a server listed, checked; or what is wrong with it. */
export type ReadEntry =
  | {
      readonly key: string;
      readonly definition: RawObject;
      readonly interfaceUri: string | undefined;
      readonly headerParams: readonly HeaderParam[] | undefined;
    }
  | { readonly problem: string; readonly key: string | undefined };

/** Checks one definition; its bytes stay as they are. */
export function readEntry(kind: Kind, item: RawJson, maxBytes: number): ReadEntry {
  if (item.bytes.length > maxBytes)
    return { problem: `The definition is longer than ${maxBytes} bytes.`, key: undefined };
  const found = item instanceof RawObject ? keyOf(kind, item) : undefined;
  if (!(item instanceof RawObject) || found === undefined)
    return { problem: 'The definition is not an object with distinct members.', key: undefined };
  const { key } = found;
  const problem = problemOf(kind, item);
  if (problem !== undefined || key === undefined) return { problem: problem ?? 'The definition has no name.', key };
  const isTool = kind === 'tools';
  return {
    key,
    definition: item,
    interfaceUri: isTool ? interfaceUri(item) : undefined,
    headerParams: isTool ? headerParams(item) : undefined,
  };
}

/** `undefined` where it is no object, or names a member twice: readers would disagree on what it says. */
function keyOf(kind: Kind, definition: RawObject): { readonly key: string | undefined } | undefined {
  try {
    return { key: definition.string(listKinds[kind].key) };
  } catch (error) {
    if (ToolyardError.is(error, 'INVALID_REQUEST')) return undefined;
    throw error;
  }
}

function interfaceUri(definition: RawObject): string | undefined {
  const meta = definition.object('_meta');
  return meta?.object('ui')?.string('resourceUri') ?? meta?.string('ui/resourceUri');
}

/** `undefined` where there are none, and where the annotations are wrong: HTTP clients have to leave such a tool alone. */
function headerParams(definition: RawObject): readonly HeaderParam[] | undefined {
  const { params, problems } = readHeaderParams(definition.member('inputSchema')?.value);
  return params.length > 0 && problems.length === 0 ? params : undefined;
}

/** The specification's own schemas; a definition is read whole here, once, and never again. */
function problemOf(kind: Kind, definition: RawObject): string | undefined {
  const checked = checks[kind](definition.value);
  return checked.ok ? undefined : checked.problem;
}

const checks: Readonly<Record<Kind, (value: unknown) => Checked<unknown>>> = {
  tools: checkTool,
  prompts: checkPrompt,
  resources: checkResource,
  templates: checkResourceTemplate,
};
