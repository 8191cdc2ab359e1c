import { ToolyardError } from '@toolyard/protocol';
import type { ToolDocument } from '../tool-document.ts';
import { fingerprint } from './fingerprints.ts';

const maxIdLength = 1024;
const maxToolLength = 4 * 1024 * 1024;
const maxListed = 1024;

/** A tool that can be taken in, with a fingerprint of all that it says. */
export interface CheckedTool {
  readonly tool: ToolDocument;
  readonly hash: string;
}

/** Throws `TOOL_DOCUMENT_INVALID`. What comes from a server is data, so types are checked as if there were none. */
export function checkTool(tool: ToolDocument): CheckedTool {
  const given: unknown = tool;
  if (typeof given !== 'object' || given === null) throw invalid('', 'it is no object');
  const id = typeof tool.id === 'string' ? tool.id : '';
  for (const member of ['id', 'server', 'name'] as const) {
    const value: unknown = tool[member];
    if (typeof value !== 'string' || value.length === 0)
      throw invalid(id, `${member} is not a text of at least one character`);
    if (value.length > maxIdLength) throw invalid(id, `${member} is longer than ${maxIdLength} characters`);
  }
  for (const member of ['title', 'description', 'category', 'serverDescription'] as const) {
    const value: unknown = tool[member];
    if (value !== undefined && typeof value !== 'string') throw invalid(id, `${member} is no text`);
  }
  for (const member of ['tags', 'dependsOn'] as const) {
    const value: unknown = tool[member];
    if (value === undefined) continue;
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string' && item.length <= maxIdLength))
      throw invalid(id, `${member} is no list of texts`);
    if (value.length > maxListed) throw invalid(id, `${member} has more than ${maxListed} members`);
  }
  return { tool, hash: hashOf(tool, id) };
}

function hashOf(tool: ToolDocument, id: string): string {
  let text: string;
  try {
    text = JSON.stringify(tool);
  } catch (error) {
    throw invalid(
      id,
      'it cannot be written as JSON: it has a circle in it, is too deep, or holds what JSON has no words for',
      error,
    );
  }
  if (text.length > maxToolLength) throw invalid(id, `it is longer than ${maxToolLength} characters`);
  return fingerprint(text);
}

function invalid(tool: string, reason: string, cause?: unknown): ToolyardError {
  const shown = tool.slice(0, 128);
  return new ToolyardError(
    'TOOL_DOCUMENT_INVALID',
    { tool: shown, reason },
    `The tool "${shown}" cannot be taken into the index: ${reason}.`,
    {
      cause,
    },
  );
}
