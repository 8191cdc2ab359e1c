import { readFileSync } from 'node:fs';
import { parseConfiguration } from '@toolyard/registry';
import { expect, it } from 'vitest';
import { defaultSearchBudgetTokens } from './choose-mode.ts';
import { metaTools } from './meta-tools/meta-tools.ts';
import { modeKey } from './search-mode.ts';

const page = readFileSync(new URL('../../../../docs/search-mode.md', import.meta.url), 'utf8');

it('docs/search-mode.md shows configurations that can be read', () => {
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);
  expect(blocks).toHaveLength(2);
  for (const block of blocks) {
    const servers = 'servers: { tickets: { command: x }, mail: { command: x } }';
    const { profiles } = parseConfiguration(`${servers}\n${block}`, { environment: {} });
    expect(profiles[0]).toMatchObject({ name: 'default', mode: 'auto' });
  }
});

it('docs/search-mode.md names the tools, their arguments and the key as they are', () => {
  for (const tool of metaTools) {
    const section = page.split(`### \`${tool.string('name')}\`\n`)[1]?.split('\n#')[0];
    for (const argument of tool.object('inputSchema')?.object('properties')?.keys() ?? [])
      expect(section).toContain(`\`${argument}\``);
  }
  expect(page).toContain(`"${modeKey}": "direct"`);
  expect(page).toContain(`default ${defaultSearchBudgetTokens.toLocaleString('en')}`);
});
