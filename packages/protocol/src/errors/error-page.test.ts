import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorTable } from './error-table.ts';

const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
const source = readFileSync(new URL('./error-facts.ts', import.meta.url), 'utf8');

const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** The names of a code's facts as the interface declares them, on one line each. */
function factsOf(code: string): string {
  const declared = new RegExp(`^  ${code}: (.*);$`, 'm').exec(source)?.[1] ?? '';
  const outermost = declared.replaceAll(/(?<=.)\{[^{}]*\}/g, '');
  const names = [...outermost.matchAll(/readonly (\w+)\??:/g)].map(([, name]) => `\`${String(name)}\``);
  return names.length === 0 ? '–' : names.join(', ');
}

describe('docs/errors.md', () => {
  it('lists exactly the codes that exist, in their order, as the table has them, with their facts', () => {
    expect(rows.map((cells) => cells.slice(1, 6))).toEqual(
      Object.entries(errorTable).map(([code, { jsonRpcCode, httpStatus, meaning }]) => [
        `\`${code}\``,
        String(jsonRpcCode),
        String(httpStatus),
        meaning,
        factsOf(code),
      ]),
    );
  });

  it('says of a few codes what it said from the beginning', () => {
    expect(rows.map((cells) => cells.slice(1, 4).join(' '))).toEqual(
      expect.arrayContaining([
        '`PARSE_ERROR` -32700 400',
        '`METHOD_UNKNOWN` -32601 404',
        '`UPSTREAM_TIMEOUT` 1202 200',
        '`INTERNAL` -32603 500',
      ]),
    );
  });
});
