import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorTable } from './error-table.ts';

const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');

describe('docs/errors.md', () => {
  it('lists exactly the codes that exist, in their order, as the table has them', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.map((line) => line.split('|').slice(1, -2).map((cell) => cell.trim()))).toEqual(
      Object.entries(errorTable).map(([code, { jsonRpcCode, httpStatus, meaning }]) => [`\`${code}\``, String(jsonRpcCode), String(httpStatus), meaning]),
    );
  });

  it('names the facts of each code as the interface declares them', () => {
    const source = readFileSync(new URL('./error-facts.ts', import.meta.url), 'utf8');
    for (const code of Object.keys(errorTable)) {
      const declared = new RegExp(`^  ${code}: (.*);$`, 'm').exec(source)?.[1] ?? '';
      const outermost = declared.replaceAll(/(?<=.)\{[^{}]*\}/g, '');
      const facts = [...outermost.matchAll(/readonly (\w+)\??:/g)].map(([, name]) => `\`${String(name)}\``);
      const row = page.split('\n').find((line) => line.startsWith(`| \`${code}\` |`));
      expect(row?.split('|').at(-2)?.trim(), code).toBe(facts.length === 0 ? '–' : facts.join(', '));
    }
  });
});
