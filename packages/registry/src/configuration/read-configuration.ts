import { ToolyardError } from '@toolyard/protocol';

import { configInvalid } from '../document/config-invalid.ts';
import { maxFileBytes } from '../document/read-yaml.ts';
import type { Configuration } from './configuration.ts';
import { openFile } from './open-file.ts';
import { parseConfiguration, type ParseOptions } from './parse-configuration.ts';

/** Reads and parses a file. Throws `CONFIG_INVALID` also where it cannot be read, is no regular file (a pipe is not read), is too large or is not UTF-8. */
export async function readConfiguration(file: string, options: Omit<ParseOptions, 'file'>): Promise<Configuration> {
  const bytes = await readBounded(file);
  return parseConfiguration(decode(bytes, file), { ...options, file });
}

async function readBounded(file: string): Promise<Uint8Array> {
  try {
    await using opened = await openFile(file);
    const buffer = new Uint8Array(maxFileBytes + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await opened.handle.read(buffer, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > maxFileBytes) throw wholeFile(file, `the file is larger than ${maxFileBytes} bytes (1 MiB)`);
    return buffer.subarray(0, length);
  } catch (error) {
    if (ToolyardError.is(error)) throw error;
    throw wholeFile(file, `the file cannot be read: ${reason(error)}`, error);
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw wholeFile(file, 'the file is not UTF-8 text', error);
  }
}

function wholeFile(file: string, message: string, cause?: unknown): ToolyardError<'CONFIG_INVALID'> {
  const error = configInvalid([{ line: 0, column: 0, path: '', message }], file);
  return cause === undefined ? error : Object.assign(error, { cause });
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'no permission';
    case 'EISDIR':
      return 'it is a folder';
    // What a socket says.
    case 'ENXIO':
    case 'EFTYPE':
      return 'it is no regular file, but a pipe, a socket or a device';
    default:
      return typeof code === 'string' ? code : 'unknown reason';
  }
}
