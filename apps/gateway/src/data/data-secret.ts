import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { type FileHandle, link, open, unlink } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';

import { ToolyardError } from '@toolyard/protocol';
import { openFile, parseSecret } from '@toolyard/registry';

const secretBytes = 32;
const maxFileBytes = 4_096;
/** Of a mode: what the group and all others may do. */
const others = 0o077;

export interface DataSecret {
  readonly secret: KeyObject;
  /** Why there is no file, and the secret is good for this process only. */
  readonly lost?: unknown;
}

/**
 * The secret in the file `secret` of the data folder, made there when it is missing, readable by its owner only. All that start at once take the same. Throws
 * `CONFIG_INVALID` for a file that others may read, that cannot be read, or that holds no secret; where none can be made, there is one for this process.
 */
export async function dataSecret(folder: string, system: NodeJS.Platform = platform()): Promise<DataSecret> {
  const file = join(folder, 'secret');
  const known = await read(file, system);
  if (known !== undefined) return { secret: known };
  const bytes = randomBytes(secretBytes);
  try {
    await write(file, bytes);
  } catch (error) {
    return { secret: createSecretKey(bytes), lost: error };
  }
  const made = await read(file, system);
  if (made === undefined) throw unusable(file, 'it was removed as soon as it was made; start again');
  return { secret: made };
}

/** `undefined` where there is no file. */
async function read(file: string, system: NodeJS.Platform): Promise<KeyObject | undefined> {
  let text: string;
  try {
    await using opened = await openFile(file);
    const { mode } = opened.stats;
    // As ssh has it. Windows has no such bits.
    if (system !== 'win32' && (mode & others) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      const advice = `if they may have read it, remove it, and a new one is made; otherwise chmod 600 '${file}', or set "secret" in the configuration`;
      throw unusable(file, `others may read or write it (mode ${shown}), so it may be no secret any more; ${advice}`);
    }
    text = await readBounded(opened.handle);
    if (text.length > maxFileBytes) throw unusable(file, `it is longer than ${maxFileBytes} bytes, so it is no secret`);
  } catch (error) {
    if (ToolyardError.is(error)) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return undefined;
    throw unusable(file, `it cannot be read (${String(code ?? error)}); put that right, or remove it`, error);
  }
  const parsed = parseSecret(text.trim());
  if ('mistake' in parsed) throw unusable(file, `${parsed.mistake}; remove the file, and a new one is made`);
  return parsed.secret;
}

async function readBounded(handle: FileHandle): Promise<string> {
  const buffer = Buffer.alloc(maxFileBytes + 1);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
  return buffer.toString('latin1', 0, bytesRead);
}

/** Makes it whole or not at all, and leaves alone one that another process made meanwhile: a link is made in one step, and never over something. */
async function write(file: string, bytes: Buffer): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}.new`;
  try {
    await using handle = await open(draft, 'wx', 0o600);
    await handle.writeFile(`${bytes.toString('hex')}\n`);
    await handle.sync();
    await link(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

function unusable(file: string, reason: string, cause?: unknown): ToolyardError<'CONFIG_INVALID'> {
  const message = `The secret of the gateway in ${file} cannot be used: ${reason}.`;
  const problems = [{ line: 0, column: 0, path: '', message }];
  return new ToolyardError('CONFIG_INVALID', { problems }, message, { cause });
}
