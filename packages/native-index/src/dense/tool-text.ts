import type { SchemaText } from '../text/schema-text.ts';
import { runsOf, splitRun } from '../text/split-run.ts';
import type { ToolDocument } from '../tool-document.ts';

const maxLength = 2000;
const maxParameters = 32;
const maxSentence = 300;

/** What an embedder reads of a tool: its name in words, title and description, and the names of its arguments in words. */
export function toolText(tool: ToolDocument, { names }: SchemaText): string {
  const parameters = names.slice(0, maxParameters).map(wordsOf).join(', ');
  return [wordsOf(tool.name), tool.title?.slice(0, maxLength), tool.description?.slice(0, maxLength), parameters]
    .filter((part) => part !== undefined && part !== '')
    .join('. ')
    .slice(0, maxLength)
    .toWellFormed();
}

/**
 * The same in one breath: its name in words, and the first sentence about it. A vector of its own, since what a long description goes on to say, and arguments that
 * all tools of a server share, blur what the tool is for.
 */
export function toolHeadline(tool: ToolDocument): string {
  const description = tool.description ?? '';
  const first =
    /^[^]*?[.!?。\n](?=\s|$)/u.exec(description.slice(0, maxSentence))?.[0] ?? description.slice(0, maxSentence);
  return `${wordsOf(tool.name)}. ${first}`.toWellFormed();
}

/** A name in words: `listUserIDs` is `list User IDs`. */
export function wordsOf(name: string): string {
  return runsOf(name.slice(0, 256))
    .flatMap((run) => splitRun(run))
    .join(' ');
}
