import { RawJson } from '../../../wire/raw-json.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { hasAnyStructuredContent, hasStructuredContent, hasTitles } from '../../revisions.ts';
import { mapElements } from './elements.ts';
import { downgradeContent, downgradeMessage, needsDowngrade, withTextCopy } from './content.ts';
import { wrapOutputSchema } from './schema.ts';
import { taskSupportOf } from './tasks.ts';

const complete = RawJson.of('complete');
const zero = RawJson.of(0);
const privateScope = RawJson.of('private');

/** Results that carry caching hints (spec: server/utilities/caching). */
const cacheable: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

/**
 * A result of a server before 2026-07-28 in today's shape: typed, and with caching hints (`ttlMs` 0, `private`) where they must be.
 *
 * The `execution` member of tools speaks of the experimental tasks of 2025-11-25, which 2026-07-28 has no words for: it is taken off.
 * Tools that run as such a task only are left out where the server does not have the `tasks` that this takes (`runsTasks`): nobody could call them.
 */
export function toModernResult(method: string, result: RawObject, runsTasks = false): RawObject {
  let modern = method === 'tools/list' ? mapElements(result, 'tools', (tool) => modernTool(tool, runsTasks)) : result;
  if (cacheable.has(method)) {
    if (!modern.has('cacheScope')) modern = modern.prepend('cacheScope', privateScope);
    if (!modern.has('ttlMs')) modern = modern.prepend('ttlMs', zero);
  }
  return modern.has('resultType') ? modern : modern.prepend('resultType', complete);
}

function modernTool(tool: RawObject, runsTasks: boolean): RawObject | undefined {
  return runsTasks || taskSupportOf(tool) !== 'required' ? tool.without('execution') : undefined;
}

const withoutModernMembers = { resultType: undefined, ttlMs: undefined, cacheScope: undefined } as const;

/**
 * A result in today's shape as a client of an older revision can read it. `toLegacyResult(m, toModernResult(m, r), v)` is `r`, byte for byte,
 * where `r` has nothing that `v` lacks.
 *
 * - `structuredContent` that is no object travels as `{"result": …}`, and the `outputSchema` that announces it likewise (SEP-2106); a
 *   schema that allows objects and others is left out, for nobody can tell which results would match it.
 * - Before 2025-06-18 there is neither, nor `title` nor `resource_link`; before 2025-03-26 no `audio`. Such blocks become text.
 * - Where structured content is changed or dropped and the result has no text, its JSON is added as text.
 */
export function toLegacyResult(method: string, result: RawObject, revision: string): RawObject {
  const plain = result.patch(withoutModernMembers);
  switch (method) {
    case 'tools/call':
      return legacyToolResult(plain, revision);
    case 'tools/list':
      return mapElements(plain, 'tools', (tool) => legacyTool(tool, revision));
    case 'prompts/get':
      return needsDowngrade(revision)
        ? mapElements(plain, 'messages', (message) => downgradeMessage(message, revision))
        : plain;
    case 'prompts/list':
      return hasTitles(revision) ? plain : mapElements(plain, 'prompts', withoutPromptTitles);
    case 'resources/list':
      return hasTitles(revision) ? plain : mapElements(plain, 'resources', withoutTitle);
    case 'resources/templates/list':
      return hasTitles(revision) ? plain : mapElements(plain, 'resourceTemplates', withoutTitle);
    default:
      return plain;
  }
}

/** What a tool's failure looks like to a model, for what cannot be said as a JSON-RPC error. */
export function toolErrorResult(text: string): RawObject {
  return RawObject.of({ resultType: 'complete', content: [{ type: 'text', text }], isError: true });
}

function legacyToolResult(result: RawObject, revision: string): RawObject {
  const readable = needsDowngrade(revision)
    ? mapElements(result, 'content', (block) => downgradeContent(block, revision))
    : result;
  const structured = readable.member('structuredContent');
  if (structured === undefined || hasAnyStructuredContent(revision)) return readable;
  if (!hasStructuredContent(revision)) return withTextCopy(readable, structured).without('structuredContent');
  if (structured instanceof RawObject) return readable;
  return withTextCopy(readable, structured).with('structuredContent', RawObject.of({ result: structured }));
}

function legacyTool(tool: RawObject, revision: string): RawObject {
  if (!hasStructuredContent(revision)) return tool.patch({ outputSchema: undefined, title: undefined });
  const schema = tool.member('outputSchema');
  if (schema === undefined || hasAnyStructuredContent(revision)) return tool;
  const wrapped = wrapOutputSchema(schema);
  if (wrapped === schema) return tool;
  return wrapped === undefined ? tool.without('outputSchema') : tool.with('outputSchema', wrapped);
}

function withoutTitle(item: RawObject): RawObject {
  return item.without('title');
}

function withoutPromptTitles(prompt: RawObject): RawObject {
  return mapElements(withoutTitle(prompt), 'arguments', withoutTitle);
}
