import path from 'node:path';
import type { Outcome } from './outcome.ts';
import type { Run } from './process.ts';
import type { Step } from './schedule.ts';
import { consumer } from './steps/consumer.ts';
import { packageCheck } from './steps/package-check.ts';
import { attw, pack, publint } from './steps/packs.ts';
import { vitest } from './steps/tests.ts';
import { tool, toOutcome } from './steps/tool.ts';
import { hasTests, root, type Package } from './workspace.ts';

/** Steps that take every place: they start real servers and processes, and measure what those do in time. */
const ALONE = Number.POSITIVE_INFINITY;

/**
 * Everything `npm test` checks, in the order in which it is wanted.
 *
 * A workspace package joins by what it has: tests are run, its scripts `check` and `check:…` are run, and what is not private is packed and consumed.
 */
export function plan(packages: readonly Package[], run: Run): readonly Step[] {
  const published = packages.filter(({ isPublished }) => isPublished);
  const tested = packages.filter((one) => one.scripts['test'] !== undefined && hasTests(one));
  const checked = packages.flatMap((one) =>
    Object.keys(one.scripts)
      .filter((script) => /^check(:|$)/.test(script))
      .map((script) => ({ one, script })),
  );
  const simple = (name: string, work: () => Promise<Outcome>, after: readonly string[] = []): Step => ({
    name,
    after,
    run: work,
  });
  return [
    { ...simple('build', () => build(run)), places: ALONE },
    simple('format', () => tool(run, 'oxfmt', ['--check', '.'])),
    simple('lint', () => tool(run, 'oxlint', ['--format=stylish'])),
    simple('floors', () => tool(run, 'depcruise', ['packages', 'apps', 'tooling'])),
    simple('types', () => types(run)),
    simple('unused', () => tool(run, 'knip', ['--no-progress', '--no-config-hints'])),
    ...tested
      .filter(({ kind }) => kind === 'packages')
      .map((one) => simple(`test ${short(one)}`, () => vitest(run, one, 1))),
    simple('pack', () => pack(run, published), ['build']),
    simple('publint', () => publint(run, published), ['pack']),
    simple('attw', () => attw(run, published), ['pack']),
    simple('consumer', () => consumer(run, published), ['pack']),
    ...tested
      .filter(({ kind }) => kind !== 'packages')
      .map((one) => ({ ...simple(`test ${short(one)}`, () => vitest(run, one, 2), ['build']), places: ALONE })),
    ...checked.map(({ one, script }) => ({
      ...simple(`${script} ${short(one)}`, () => packageCheck(run, one, script), ['build']),
      places: ALONE,
    })),
  ];
}

async function build(run: Run): Promise<Outcome> {
  return toOutcome(
    await run(process.execPath, [path.join(root, 'tooling', 'bootstrap', 'run.cjs'), 'build'], { cwd: root }),
  );
}

async function types(run: Run): Promise<Outcome> {
  const packages = await tool(run, 'turbo', [
    'run',
    'types',
    '--continue',
    '--output-logs=errors-only',
    '--ui=stream',
    '--cache=local:rw',
  ]);
  if (packages.failed > 0) return packages;
  return tool(run, 'tsc', ['--project', root]);
}

function short({ name }: Package): string {
  return name.replace(/^@[^/]+\//, '');
}
