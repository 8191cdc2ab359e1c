import type { Call, Reply, Service } from '@toolyard/protocol';
import { RawJson, ToolyardError } from '@toolyard/protocol';
import type { ProfileView, ViewTool } from '../../views/view.ts';
import type { CheckArguments } from '../schema/check-arguments.ts';
import type { MetaArguments } from './meta-arguments.ts';
import { toolFailure } from './tool-result.ts';
import { unknownTool } from './unknown-tool.ts';

export interface CallToolParts {
  readonly tools: ProfileView['tools'];
  readonly check: CheckArguments;
  readonly next: Service;
  readonly onCall: (call: Call, tool: ViewTool) => void;
}

/**
 * Answers `call_tool`: the tool itself answers, and its reply is passed on as it is, questions and tasks included. A retry comes through
 * here as well, so what belongs to it (`requestState`, `inputResponses`) stays where it stands.
 */
export async function callTool(
  call: Call,
  args: MetaArguments,
  { tools, check, next, onCall }: CallToolParts,
): Promise<Reply> {
  const name = args.text('name');
  const given = args.object('arguments');
  const inner = { ...call, params: call.params.patch({ name: RawJson.of(name), arguments: given }) };
  const tool = tools.get(name);
  if (tool !== undefined) {
    const mistakes = check(tool, given);
    if (mistakes.length > 0) return refusal(tool, mistakes);
    onCall(call, tool);
  }
  try {
    return await next(inner);
  } catch (error) {
    if (!ToolyardError.is(error, 'TOOL_UNKNOWN')) throw error;
    const unknown = { name: error.facts.tool, nearest: error.facts.nearest };
    return toolFailure({ unknown: [unknown] }, unknownTool(unknown));
  }
}

/** Says what is wrong and shows what would be right, so that the next try needs no other call. */
function refusal({ name, definition }: ViewTool, mistakes: readonly string[]): Reply {
  const schema = definition.member('inputSchema') ?? RawJson.of({});
  const text = [
    `The arguments do not fit ${name}:`,
    ...mistakes.map((mistake) => `- ${mistake}`),
    `Its schema: ${schema.text}`,
  ].join('\n');
  return toolFailure({ mistakes, inputSchema: schema }, text);
}
