import { readFile } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { takesEffect } from './changes.ts';

it('docs/reload.md says of each setting when a change of it takes effect', async () => {
  const page = await readFile(new URL('../../../../docs/reload.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (.+?) +\| (at once|after a restart)\b/gm)];
  const said = rows.flatMap(([, names = '', when]) =>
    [...names.matchAll(/`orchestration\.(\w+)`/g)].map(([, name = '']) => [name, when] as const),
  );
  expect(Object.fromEntries(said)).toEqual(takesEffect);
  expect(said).toHaveLength(Object.keys(takesEffect).length);
});
