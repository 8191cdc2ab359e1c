import { RawObject } from '@toolyard/protocol';

import { printable } from '../cli/table.ts';

/** The result of a tool for people: text as text, everything else by what it is. Structured content only where nothing else is there. */
export function renderResult(result: RawObject): string {
  const blocks = (result.array('content') ?? []).map((block) =>
    block instanceof RawObject ? renderBlock(block) : block.text,
  );
  if (blocks.length > 0) return blocks.join('\n');
  return result.member('structuredContent')?.text ?? '';
}

function renderBlock(block: RawObject): string {
  const type = block.string('type') ?? 'unknown';
  const text =
    type === 'text' ? block.string('text') : type === 'resource' ? block.object('resource')?.string('text') : undefined;
  if (text !== undefined) return printable(text);
  if (type === 'resource_link') return `[resource ${printable(block.string('uri') ?? '')}]`;
  const data = block.string('data') ?? block.object('resource')?.string('blob');
  const mimeType = block.string('mimeType') ?? block.object('resource')?.string('mimeType');
  if (data !== undefined)
    return `[${type}${mimeType === undefined ? '' : ` ${printable(mimeType)}`}, ${Buffer.byteLength(data, 'base64')} bytes]`;
  return printable(block.text);
}

/** One line about a notification that belongs to a call, or nothing where there is nothing to say. */
export function renderNotification(method: string, params: RawObject): string | undefined {
  if (method === 'notifications/progress') {
    const message = params.string('message');
    const progress = params.member('progress')?.text ?? '';
    const total = params.member('total')?.text;
    return `${progress}${total === undefined ? '' : `/${total}`}${message === undefined ? '' : ` ${printable(message)}`}`;
  }
  if (method === 'notifications/message') {
    const data = params.string('data') ?? params.member('data')?.text ?? '';
    return `${params.string('level') ?? 'info'}: ${printable(data)}`;
  }
  return undefined;
}
