import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ToolyardError } from '@toolyard/protocol';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { dataSecret } from './data-secret.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toolyard-secret-'));
  onTestFinished(() => rm(folder, { recursive: true }));
});

async function secretIn(where: string = folder): Promise<string> {
  const { secret, lost } = await dataSecret(where);
  expect(lost).toBeUndefined();
  return secret.export().toString('hex');
}

async function refusal(system?: NodeJS.Platform): Promise<string> {
  const error: unknown = await dataSecret(folder, system).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return ToolyardError.is(error, 'CONFIG_INVALID') ? error.message : `another end: ${String(error)}`;
}

describe('the secret of a data folder', () => {
  it('is made once, of 32 random bytes that only its owner may read, and kept', async () => {
    const first = await secretIn();
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await secretIn()).toBe(first);
    expect(await readFile(join(folder, 'secret'), 'utf8')).toBe(`${first}\n`);
    expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600);
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    expect(await secretIn(elsewhere)).not.toBe(first);
  });

  it('is one for all that start at once, and nothing else is left', async () => {
    const secrets = await Promise.all(Array.from({ length: 32 }, () => secretIn()));
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(folder)).toEqual(['secret']);
  });

  it.each([0o644, 0o640, 0o602])('is refused where others may read or write it: %o', async (mode) => {
    const secret = await secretIn();
    await chmod(join(folder, 'secret'), mode);
    const message = await refusal();
    expect(message).toContain(
      `${folder}/secret cannot be used: others may read or write it (mode 0${mode.toString(8)})`,
    );
    expect(message).toContain(`chmod 600 '${folder}/secret'`);
    expect(message).not.toContain(secret);
  });

  it('has no such bits on Windows', async () => {
    const secret = await secretIn();
    await chmod(join(folder, 'secret'), 0o666);
    expect((await dataSecret(folder, 'win32')).secret.export().toString('hex')).toBe(secret);
  });

  it.each([
    ['', 'this is neither hex nor base64url'],
    ['abcd\n', 'these are 2 bytes'],
  ])('is refused where the file holds something else: %j', async (text, reason) => {
    await writeFile(join(folder, 'secret'), text, { mode: 0o600 });
    expect(await refusal()).toContain(`${reason}; a secret has at least 32 random bytes`);
  });

  it('is refused where the file is longer than a secret can be', async () => {
    await writeFile(join(folder, 'secret'), 'a'.repeat(5_000), { mode: 0o600 });
    expect(await refusal()).toContain('it is longer than 4096 bytes');
  });

  it('is refused where it cannot be read', async () => {
    await mkdir(join(folder, 'secret'), { mode: 0o700 });
    expect(await refusal()).toContain('it cannot be read (EISDIR); put that right, or remove it');
  });

  it('is one of this process where no file can be made, and says why', async () => {
    const { secret, lost } = await dataSecret(join(folder, 'missing'));
    expect(secret.symmetricKeySize).toBe(32);
    expect(lost).toMatchObject({ code: 'ENOENT' });
  });
});
