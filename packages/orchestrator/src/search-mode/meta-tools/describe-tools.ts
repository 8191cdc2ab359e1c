import type { Reply } from '@toolyard/protocol';
import { rawArray } from '@toolyard/protocol';
import { nearest } from '../../catalogue/entries/nearest.ts';
import type { ProfileView } from '../../views/view.ts';
import type { MetaArguments } from './meta-arguments.ts';
import { maxDescribed } from './meta-tools.ts';
import { toolFailure, toolResult } from './tool-result.ts';
import { unknownTool } from './unknown-tool.ts';

/** Answers `describe_tools`: whole definitions, as their servers wrote them. */
export function describeTools(args: MetaArguments, tools: ProfileView['tools']): Reply {
  const names = [...new Set(args.texts('names', { max: maxDescribed }))];
  const known = names.flatMap((name) => tools.get(name)?.definition ?? []);
  const unknown = names
    .filter((name) => !tools.has(name))
    .map((name) => ({ name: name.slice(0, 128), nearest: nearest(name, tools.keys()) }));
  const structured = { tools: rawArray(known), ...(unknown.length === 0 ? {} : { unknown }) };
  const text = [...known.map((definition) => definition.text), ...unknown.map(unknownTool)].join('\n');
  return known.length === 0 ? toolFailure(structured, text) : toolResult(structured, text);
}
