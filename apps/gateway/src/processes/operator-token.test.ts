import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { operatorToken } from './operator-token.ts';

it('the token is the same for all who may read the folder, tells nothing of the secret, and is missing where there is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'toolyard-token-'));
  try {
    await writeFile(join(folder, 'secret'), `${'01'.repeat(32)}\n`, { mode: 0o600 });
    // Made with `openssl kdf -kdfopt digest:SHA256 -kdfopt hexkey:0101… -kdfopt info:'toolyard gateway/1: operator' -keylen 32 HKDF`.
    expect(await operatorToken(folder)).toBe('bhgF8FIAq_39xJAh62kg8aEZVkMyxnEj9aUS7eBNZ8g');
    await rm(join(folder, 'secret'));
    const made = await operatorToken(folder);
    expect(await operatorToken(folder)).toBe(made);
    expect(made).not.toContain((await readFile(join(folder, 'secret'), 'latin1')).trim());
    await writeFile(join(folder, 'secret'), 'too short');
    expect(await operatorToken(folder)).toBeUndefined();
    expect(await operatorToken(join(folder, 'none'))).toBeUndefined();
  } finally {
    await rm(folder, { recursive: true });
  }
});
