import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { RawObject, ToolyardError } from '@toolyard/protocol';
import { throwIfCancelled } from '../store/slices.ts';

const maxFileBytes = 512 * 1024 * 1024;
const maxLineLength = 16 * 1024 * 1024;
const maxProblems = 20;

/** What is wrong with a line; line 0 stands for the whole file. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export interface Row<T> {
  readonly value: T;
  readonly line: number;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads one JSON object a line with `read`, which answers with a sentence where the object will not do; such lines go to `problems`. Empty lines, a byte
 * order mark and CRLF are passed over. Rejects with `CONFIG_INVALID` when the file cannot be read at all, and with `CANCELLED`.
 */
export async function readJsonLines<T extends object>(
  file: string,
  problems: Problem[],
  read: (row: Readonly<Record<string, unknown>>) => T | string,
  { signal }: ReadOptions = {},
): Promise<readonly Row<T>[]> {
  const rows: Row<T>[] = [];
  let line = 0;
  try {
    for await (const text of linesOf(file, signal)) {
      line += 1;
      if (text.trim() === '') continue;
      const row = parse(text);
      const value = typeof row === 'string' ? row : read(row);
      if (typeof value !== 'string') rows.push({ value, line });
      else if (problems.push({ file, line, message: value }) >= maxProblems) break;
    }
  } catch (error) {
    throwIfCancelled(signal);
    throw unreadable([{ file, line: 0, message: reasonOf(error) }], error);
  }
  return rows;
}

/** `CONFIG_INVALID` with the first 20 problems. */
export function unreadable(problems: readonly Problem[], cause?: unknown): ToolyardError<'CONFIG_INVALID'> {
  const shown = problems.slice(0, maxProblems);
  const lines = shown.map(({ file, line, message }) => `  ${line === 0 ? file : `${file}:${line}`}: ${message}`);
  return new ToolyardError(
    'CONFIG_INVALID',
    { problems: shown.map(({ file, line, message }) => ({ line, column: 0, path: file, message })) },
    `The labelled set cannot be read.\n${lines.join('\n')}`,
    { cause },
  );
}

class TooLarge extends Error {}

async function* linesOf(file: string, signal: AbortSignal | undefined): AsyncGenerator<string> {
  const tooLarge = `it is larger than ${maxFileBytes} bytes`;
  if ((await stat(file)).size > maxFileBytes) throw new TooLarge(tooLarge);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  /** Parts of the line that has not ended yet. */
  let pending: string[] = [];
  let pendingLength = 0;
  const chunks: AsyncIterable<Buffer> = createReadStream(file, signal === undefined ? {} : { signal });
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxFileBytes) throw new TooLarge(tooLarge);
    const [first = '', ...more] = decoder.decode(chunk, { stream: true }).split('\n');
    pending.push(first);
    pendingLength += first.length;
    if (pendingLength > maxLineLength) throw new TooLarge(`it has a line of more than ${maxLineLength} characters`);
    const last = more.pop();
    if (last === undefined) continue;
    yield pending.join('');
    yield* more;
    pending = [last];
    pendingLength = last.length;
  }
  pending.push(decoder.decode());
  yield pending.join('');
}

function parse(text: string): Readonly<Record<string, unknown>> | string {
  try {
    return RawObject.read(Buffer.from(text)).value as Readonly<Record<string, unknown>>;
  } catch (error) {
    return ToolyardError.is(error, 'PARSE_ERROR')
      ? `it is no JSON, from byte ${error.facts.offset} on`
      : 'it is no JSON object';
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof TooLarge) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'it is not UTF-8';
  return `it cannot be read${code === '' ? '' : ` (${code})`}`;
}
