import { join } from 'node:path';
import { ToolyardError } from '@toolyard/protocol';
import { checkTool } from '../store/check-tool.ts';
import type { ToolDocument } from '../tool-document.ts';
import { type Problem, readJsonLines, type ReadOptions, type Row, unreadable } from './json-lines.ts';
import type { LabelledQuery, LabelledSet } from './labelled-set.ts';

/** Stands for the server of tools that name none. It has no word in it that a request could have. */
const nameless = '-';

/** The two files of a labelled set, where they do not have their usual names. */
export interface LabelledFiles {
  readonly tools: string;
  readonly queries: string;
}

/**
 * Reads `tools.jsonl` and `queries.jsonl` of a folder, or two files, one JSON object a line:
 *
 * - a tool: `{id, server?, name?, title?, description?, inputSchema?, outputSchema?, category?, tags?, serverDescription?, dependsOn?}`; `dependsOn` has ids, or
 *   objects with a `tool` or `id`. Without a `name` its id is its name; all without a `server` are of one;
 * - a query: `{id, query, relevant?: [toolId], equivalents?: {toolId: [toolId]} | [toolId], main?: toolId}`.
 *
 * `null` is as if it were not there, and other members are passed over. A file may have 512 MiB and a line of it 16 MiB. Rejects with `CONFIG_INVALID`, which names file and line of what is wrong (the first 20), and with `CANCELLED`.
 */
export async function readLabelledSet(source: string | LabelledFiles, options: ReadOptions = {}): Promise<LabelledSet> {
  const files =
    typeof source === 'string'
      ? { tools: join(source, 'tools.jsonl'), queries: join(source, 'queries.jsonl') }
      : source;
  const problems: Problem[] = [];
  const tools = await readRows(files.tools, problems, readTool, options);
  const queries = await readRows(files.queries, problems, readQuery, options);
  if (problems.length > 0) throw unreadable(problems);
  return { tools, queries };
}

/** Reads the queries alone, as `readLabelledSet` does. */
export async function readQueries(file: string, options: ReadOptions = {}): Promise<readonly LabelledQuery[]> {
  const problems: Problem[] = [];
  const queries = await readRows(file, problems, readQuery, options);
  if (problems.length > 0) throw unreadable(problems);
  return queries;
}

async function readRows<T extends { readonly id: string }>(
  file: string,
  problems: Problem[],
  read: (row: Readonly<Record<string, unknown>>) => T | string,
  options: ReadOptions,
): Promise<readonly T[]> {
  const before = problems.length;
  const rows: readonly Row<T>[] = await readJsonLines(file, problems, read, options);
  const lines = new Map<string, number>();
  for (const { value, line } of rows) {
    const first = lines.get(value.id);
    if (first !== undefined)
      problems.push({ file, line, message: `the id "${value.id}" stands in line ${first} already` });
    else lines.set(value.id, line);
  }
  if (rows.length === 0 && problems.length === before) problems.push({ file, line: 0, message: 'it is empty' });
  return rows.map(({ value }) => value);
}

function readTool(row: Readonly<Record<string, unknown>>): ToolDocument | string {
  const { id } = row;
  if (!isText(id)) return 'id has to be a text that is not blank';
  for (const member of ['server', 'name', 'title', 'description', 'category', 'serverDescription'] as const) {
    if (typeof (row[member] ?? '') !== 'string') return `${member} has to be a text`;
  }
  const tags = row['tags'] ?? [];
  if (!isTexts(tags)) return 'tags has to be a list of texts';
  const dependsOn = Array.isArray(row['dependsOn'])
    ? row['dependsOn'].map((item: unknown) => (isObject(item) ? (item['tool'] ?? item['id'] ?? item['name']) : item))
    : (row['dependsOn'] ?? []);
  if (!isTexts(dependsOn)) return 'dependsOn has to be a list of ids, or of objects with a tool';
  const text = (member: string): string | undefined => (typeof row[member] === 'string' ? row[member] : undefined);
  return refused({
    id,
    server: text('server') || nameless,
    name: text('name') || id,
    title: text('title'),
    description: text('description'),
    category: text('category'),
    serverDescription: text('serverDescription'),
    inputSchema: row['inputSchema'] ?? undefined,
    outputSchema: row['outputSchema'] ?? undefined,
    tags,
    dependsOn,
  });
}

/** What an index would refuse is told here, where its line is known. */
function refused(tool: ToolDocument): ToolDocument | string {
  try {
    checkTool(tool);
    return tool;
  } catch (error) {
    if (ToolyardError.is(error, 'TOOL_DOCUMENT_INVALID')) return error.facts.reason;
    throw error;
  }
}

function readQuery(row: Readonly<Record<string, unknown>>): LabelledQuery | string {
  const { id, query } = row;
  const main = row['main'] ?? undefined;
  const relevant = row['relevant'] ?? [];
  if (!isText(id) || !isText(query)) return 'id and query have to be texts that are not blank';
  if (!isTexts(relevant)) return 'relevant has to be a list of tool ids';
  if (main !== undefined && typeof main !== 'string') return 'main has to be a tool id';
  const equivalents = readEquivalents(row['equivalents'] ?? {}, relevant);
  if (equivalents === undefined) return 'equivalents has to be a list of tool ids, or an object of such lists';
  return { id, query, relevant, equivalents, main };
}

/** A plain list means: as good as the first relevant tool. */
function readEquivalents(
  value: unknown,
  relevant: readonly string[],
): ReadonlyMap<string, readonly string[]> | undefined {
  if (isTexts(value)) return new Map(relevant.slice(0, 1).map((id) => [id, value]));
  if (!isObject(value)) return undefined;
  const lists = Object.entries(value).filter((entry): entry is [string, readonly string[]] => isTexts(entry[1]));
  return lists.length === Object.keys(value).length ? new Map(lists) : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
