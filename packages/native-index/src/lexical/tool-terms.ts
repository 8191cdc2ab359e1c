import type { SchemaText } from '../text/schema-text.ts';
import type { TermReader } from '../text/term-reader.ts';
import type { ToolDocument } from '../tool-document.ts';

const maxNameLength = 1024;
const maxTextLength = 16_384;

/** The terms of each field of a tool, in the order of `fields`. */
export function toolTerms(
  tool: ToolDocument,
  parameters: SchemaText,
  reader: TermReader,
): readonly (readonly string[])[] {
  return [
    reader.read(tool.name, maxNameLength),
    reader.read(tool.title ?? '', maxNameLength),
    reader.read(tool.description ?? '', maxTextLength),
    reader.read(parameters.names.join(' '), maxTextLength),
    reader.read(parameters.texts.join(' '), maxTextLength),
    reader.read([tool.category ?? '', ...(tool.tags ?? [])].join(' '), maxNameLength),
    reader.read(tool.server, maxNameLength),
    reader.read(tool.serverDescription ?? '', 2048),
  ];
}
