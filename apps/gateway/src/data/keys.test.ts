import { createSecretKey } from 'node:crypto';

import { expect, it } from 'vitest';

import { deriveKeys } from './keys.ts';

it('derives the same keys of 32 bytes in every version, one for each purpose', () => {
  const { cursors, tasks, parking } = deriveKeys(createSecretKey(Buffer.alloc(32, 1)));
  // Made with `openssl kdf -kdfopt digest:SHA256 -kdfopt hexkey:0101… -kdfopt info:'toolyard gateway/1: …' -keylen 32 HKDF`.
  expect([cursors, tasks, parking].map((key) => Buffer.from(key).toString('hex'))).toEqual([
    '9208ade08de6d05149b29047120fc5d8a65291fea5ebbefcfe07c515aeabcfef',
    'a1a5e993836b5284a105e4e1b52b6b6e7bfd0ac477bf386e45ef91889b7cc56e',
    '997ac6154121e999e7f30543cb4c9cbc3fa5356e0833c1c0e1b962505f4c0481',
  ]);
});
