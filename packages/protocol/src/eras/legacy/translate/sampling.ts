import type { RawJson } from '../../../wire/raw-json.ts';
import { RawObject, rawArray } from '../../../wire/raw-object.ts';
import { hasRichQuestions } from '../../revisions.ts';
import { downgradeContent } from './content.ts';

/** The kinds of blocks that a message could always hold, or since a revision that `downgradeContent` knows. */
const plainBlocks: ReadonlySet<string | undefined> = new Set(['text', 'image', 'audio']);

/**
 * The params of `sampling/createMessage` for a client of a revision in which a message has one block and there are no tools: a message of several
 * blocks becomes several of its role, and what is no text, image or sound becomes text.
 */
export function downgradeSampling(params: RawObject, revision: string): RawObject {
  if (hasRichQuestions(revision)) return params;
  const messages = params.array('messages');
  const plain = params.patch({ tools: undefined, toolChoice: undefined });
  if (messages === undefined) return plain;
  return plain.with(
    'messages',
    rawArray(
      messages.flatMap((message): RawJson[] => (message instanceof RawObject ? split(message, revision) : [message])),
    ),
  );
}

/** The answer of a client to a server of such a revision: of several blocks the texts, as one. */
export function downgradeSample(result: RawObject, revision: string): RawObject {
  const blocks = hasRichQuestions(revision) ? undefined : result.array('content');
  if (blocks === undefined) return result;
  const [first] = blocks;
  if (blocks.length === 1 && first instanceof RawObject) return result.with('content', plainBlock(first, revision));
  const texts = blocks.map((block) =>
    block instanceof RawObject ? plainBlock(block, revision).string('text') : undefined,
  );
  const text = texts.filter((part) => part !== undefined).join('\n\n');
  return result.with('content', RawObject.of({ type: 'text', text }));
}

function split(message: RawObject, revision: string): RawObject[] {
  const content = message.member('content');
  const blocks = message.array('content') ?? (content === undefined ? [] : [content]);
  if (blocks.length === 0)
    return content === undefined ? [message] : [message.with('content', RawObject.of({ type: 'text', text: '' }))];
  return blocks.map((block) =>
    block instanceof RawObject ? message.with('content', plainBlock(block, revision)) : message.with('content', block),
  );
}

function plainBlock(block: RawObject, revision: string): RawObject {
  if (plainBlocks.has(block.string('type'))) return downgradeContent(block, revision);
  return RawObject.of({ type: 'text', text: `[${block.string('type') ?? 'block'}: ${describe(block)}]` });
}

function describe(block: RawObject): string {
  const content: RawJson | undefined = block.member('content') ?? block.member('input');
  return [block.string('name'), content?.text].filter((part) => part !== undefined).join(' ');
}
