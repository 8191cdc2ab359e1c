import { RawJson, RawObject } from '@toolyard/protocol';
import type { Reply } from '@toolyard/protocol';

/** A result of a meta-tool: for programs as structured content, for models as text. */
export function toolResult(structured: Readonly<Record<string, unknown>>, text: string): Reply {
  return { result: resultOf(structured, text) };
}

/** What a model is to read and put right, as the specification wants errors of a tool (server/tools: error handling). */
export function toolFailure(structured: Readonly<Record<string, unknown>>, text: string): Reply {
  return { result: resultOf(structured, text).with('isError', RawJson.of(true)) };
}

function resultOf(structured: Readonly<Record<string, unknown>>, text: string): RawObject {
  return RawObject.of({
    resultType: 'complete',
    content: [{ type: 'text', text: text.toWellFormed() }],
    structuredContent: RawObject.of(structured),
  });
}
