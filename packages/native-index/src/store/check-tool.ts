import { ToolyardError } from '@toolyard/protocol';
import type { ToolDocument } from '../tool-document.ts';
import { fingerprint, startFingerprint } from './fingerprints.ts';
import type { Slices } from './slices.ts';
import { isLong, jsonPieces } from './tool-json.ts';

const maxIdLength = 1024;
const maxToolLength = 4 * 1024 * 1024;
const maxListed = 1024;

/** A fingerprint of all that the tool says. Throws `TOOL_DOCUMENT_INVALID`. What comes from a server is data, so types are checked as if there were none. */
export function checkTool(tool: ToolDocument): string {
  const id = checkMembers(tool);
  const text = asJson(id, () => JSON.stringify(tool));
  if (text.length > maxToolLength) throw tooLong(id);
  return fingerprint(text);
}

/** The same, slice by slice where the tool is long. */
export async function checkInSlices(tool: ToolDocument, slices: Slices): Promise<string> {
  const id = checkMembers(tool);
  // A getter of the caller's may throw wherever it is looked at.
  if (!asJson(id, () => isLong(tool))) return checkTool(tool);
  const pieces = jsonPieces(tool);
  const print = startFingerprint();
  let length = 0;
  for (;;) {
    if (slices.due()) await slices.rest();
    const piece = asJson(id, () => pieces.next().value);
    if (piece === undefined) return print.end();
    length += piece.length;
    if (length > maxToolLength) throw tooLong(id);
    print.add(piece);
  }
}

function checkMembers(tool: ToolDocument): string {
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
    if (!Array.isArray(value)) throw invalid(id, `${member} is no list of texts`);
    if (value.length > maxListed) throw invalid(id, `${member} has more than ${maxListed} members`);
    if (!value.every((item) => typeof item === 'string' && item.length <= maxIdLength))
      throw invalid(id, `${member} is no list of texts`);
  }
  return id;
}

/** `write`: throws where something cannot be written as JSON. */
function asJson<T>(id: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw invalid(
      id,
      'it cannot be written as JSON: it has a circle in it, is too deep, or holds what JSON has no words for',
      error,
    );
  }
}

function tooLong(id: string): ToolyardError {
  return invalid(id, `it is longer than ${maxToolLength} characters`);
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
