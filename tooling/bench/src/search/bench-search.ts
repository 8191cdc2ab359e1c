import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runForJson } from '../processes/run-for-json.ts';
import type { SearchFigures } from './measure.ts';
import { table } from './table.ts';

export const searchUsage = `npm run bench -- search [--sizes 1000,10000,20000,100000] [--json FILE]

  Measures the tool index at each size, with the embedder that comes with the package, with a stand-in of 384 dimensions, and by words alone, each in a process of its own on core 1.
`;

/** Measures the tool index over a range of sizes and prints a table in Markdown. */
export async function benchSearch(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { sizes: { type: 'string', default: '1000,10000,20000,100000' }, json: { type: 'string' } },
  });
  const program = fileURLToPath(new URL('measure.ts', import.meta.url));
  const figures: SearchFigures[] = [];
  for (const parts of ['all', 'wide', 'words']) {
    for (const size of values.sizes.split(','))
      figures.push((await runForJson(1, ['--expose-gc', program, size, parts])) as SearchFigures);
  }
  process.stdout.write(table(figures));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
}
