import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const quoted = /<!-- from: (\S+) -->\n+```ts\n([\s\S]*?)```/g;

describe('the guides', () => {
  const guides = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));
  const quotes = guides.flatMap((guide) =>
    [...readFileSync(new URL(`docs/${guide}`, root), 'utf8').matchAll(quoted)].map(([, file = '', code = '']) => ({
      guide,
      file,
      code,
    })),
  );

  it.each(quotes)('$guide quotes $file as it is', ({ file, code }) => {
    expect(words(readFileSync(new URL(file, root), 'utf8'))).toContain(words(code));
  });

  it('quote the sample transport', () => {
    expect(quotes.map(({ guide }) => guide)).toContain('writing-a-transport.md');
  });
});

/** Code without its layout, which the formatter chooses by where it stands. */
function words(code: string): string {
  return code.replaceAll(/\s+/g, '').replaceAll(/,(?=[)}\]])/g, '');
}
