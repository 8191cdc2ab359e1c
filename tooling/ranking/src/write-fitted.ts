import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { features } from '@toolyard/native-index/tuning';
import type { Model, Models } from './model.ts';

const chance = '// oxlint-disable oxc/approx-constant -- A number may come near a constant by chance.';

/** Writes what was found into the folder of the ranking, as two modules: weights, and the trees apart from them since they are long. `found`: by kind of index, of which at most one has trees. */
export async function writeFitted(folder: string, found: Readonly<Record<string, Models>>): Promise<void> {
  const [trees] = Object.values(found).flatMap((models) => models.trees ?? []);
  await writeFile(join(folder, 'fitted-trees.ts'), treesModule(trees));
  await writeFile(join(folder, 'fitted-weights.ts'), weightsModule(found));
}

function treesModule(trees: Models['trees']): string {
  return `import type { FittedTrees } from './comparison.ts';

${chance}
/** Found by \`tooling/ranking\`; do not edit. For requests that are compared piece by piece. */
export const fittedTrees: FittedTrees = ${JSON.stringify(trees)};
`;
}

function weightsModule(found: Readonly<Record<string, Models>>): string {
  const kinds = Object.entries(found).map(
    ([kind, { one, several, trees }]) =>
      `  ${kind}: { one: ${weights(one)}, several: ${weights(several)}, compared: ${trees === undefined ? 'undefined' : 'fittedTrees'} },`,
  );
  return `import { fittedTrees } from './fitted-trees.ts';
import type { FittedRanking } from './weights.ts';

${chance}
/** Found by \`tooling/ranking\`; do not edit. With late interaction, with vectors of whole texts, and by words alone. */
export const fittedWeights: Readonly<Record<'pieces' | 'vectors' | 'words', FittedRanking>> = {
${kinds.join('\n')}
};
`;
}

function weights({ bias, weights: found }: Model): string {
  const members = (from: number): string =>
    features.map((feature, at) => `${feature}: ${round(found[from + at] ?? 0)}`).join(', ');
  return `{ bias: ${round(bias)}, features: { ${members(0)} }, named: { ${members(features.length)} } }`;
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
