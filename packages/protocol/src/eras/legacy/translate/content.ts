import type { RawJson } from '../../../wire/raw-json.ts';
import { RawObject, rawArray } from '../../../wire/raw-object.ts';
import { hasAudio, hasResourceLinks } from '../../revisions.ts';

/** Whether there are kinds of content blocks that a client of this revision would refuse. */
export function needsDowngrade(revision: string): boolean {
  return !hasResourceLinks(revision) || !hasAudio(revision);
}

/** The block itself where the revision has its kind, else a text block that says what it was; `annotations` and `_meta` are kept. */
export function downgradeContent(block: RawObject, revision: string): RawObject {
  const type = block.string('type');
  if (type === 'audio' && !hasAudio(revision)) return asText(block, audioText(block));
  if (type === 'resource_link' && !hasResourceLinks(revision)) return asText(block, linkText(block));
  return block;
}

/** The same for the one block of a prompt's message. */
export function downgradeMessage(message: RawObject, revision: string): RawObject {
  const content = message.object('content');
  if (content === undefined) return message;
  const readable = downgradeContent(content, revision);
  return readable === content ? message : message.with('content', readable);
}

/** Adds the JSON of structured content as text, unless the result has text already. */
export function withTextCopy(result: RawObject, structured: RawJson): RawObject {
  const content = result.array('content') ?? [];
  if (content.some((block) => block instanceof RawObject && block.string('type') === 'text')) return result;
  return result.with('content', rawArray([...content, RawObject.of({ type: 'text', text: structured.text })]));
}

function asText(block: RawObject, text: string): RawObject {
  return RawObject.of({ type: 'text', text, annotations: block.member('annotations'), _meta: block.member('_meta') });
}

function audioText(block: RawObject): string {
  const base64 = block.string('data') ?? '';
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  const bytes = Math.floor((base64.length * 3) / 4) - padding;
  return `[audio: ${block.string('mimeType') ?? 'of unknown type'}, ${bytes} bytes]`;
}

function linkText(block: RawObject): string {
  const name = block.string('title') ?? block.string('name');
  const description = block.string('description');
  const mimeType = block.string('mimeType');
  const link = `[resource: ${[name, block.string('uri'), mimeType].filter((part) => part !== undefined).join(', ')}]`;
  return description === undefined ? link : `${link} ${description}`;
}
