import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The floors of the house, lowest first: a package imports from floors below its own only. */
const floors = [
  ['protocol'],
  ['transport-http', 'transport-ws', 'transport-stdio', 'transport-grpc', 'cache', 'native-index'],
  ['registry', 'client', 'openapi', 'sdk'],
  ['orchestrator', 'agents'],
];
/** Beside the floors: suites that packages run in their tests. */
const testTime = ['contract-tests'];

const names = [...floors.flat(), ...testTime];
const tests = String.raw`\.test\.ts$|/testing/|/fixtures/|^(packages|apps)/[^/]+/test/|\.config\.ts$`;
const packagePath = (list) => `^packages/(${list.join('|')})/`;

const homeless = children('packages').filter((name) => !names.includes(name));
if (homeless.length > 0) throw new Error(`.dependency-cruiser.mjs names no floor for: ${homeless.join(', ')}`);

/** Config of dependency-cruiser; `pnpm floors` runs it. */
export default {
  forbidden: [
    ...floors.map((floor, level) => ({
      name: `floor-${level}`,
      comment: `Floor ${level} (${floor.join(', ')}) imports from lower floors only, and not from its neighbours.`,
      severity: 'error',
      from: { path: packagePath(floor) },
      to: { path: ['^apps/', packagePath(floors.slice(level).flat())], pathNot: '^packages/$1/' },
    })),
    {
      name: 'floor-4',
      comment: 'Apps stand side by side: none imports another.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'contract-tests-know-interfaces-only',
      comment:
        'What plug-ins implement is in the protocol; what stores of servers implement is beside the definition of a server.',
      severity: 'error',
      from: { path: packagePath(testTime) },
      to: { path: '^(packages|apps)/', pathNot: ['^packages/$1/', '^packages/(protocol|registry)/'] },
    },
    {
      name: 'contract-tests-are-for-tests',
      severity: 'error',
      from: { pathNot: [tests, packagePath(testTime)] },
      to: { path: packagePath(testTime) },
    },
    {
      name: 'products-without-tooling',
      comment: 'What is published stands without the tooling; configuration and tests may use it.',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: tests },
      to: { path: '^tooling/' },
    },
    {
      name: 'eras-stay-in-their-folder',
      comment: 'Wire, headers and errors know no eras.',
      severity: 'error',
      from: { path: '^packages/protocol/src/(wire|headers|errors)/' },
      to: { path: '^packages/protocol/src/eras/' },
    },
    {
      name: 'through-the-front-door',
      comment: 'Another package is imported by its public entries, never by a path into it.',
      severity: 'error',
      from: { path: '^(?:packages|apps|tooling)/([^/]+)/' },
      to: { path: '^(?:packages|apps)/[^/]+/src/', pathNot: ['^(?:packages|apps)/$1/', ...entries()] },
    },
    {
      name: 'no-test-code-in-products',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: tests },
      to: { path: String.raw`\.test\.ts$` },
    },
    {
      name: 'no-development-dependencies-in-products',
      comment: 'But for the gateway: its build bundles those that it imports.',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/', pathNot: [tests, '^apps/gateway/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'npm-peer', 'type-only'] },
    },
    {
      name: 'no-unknown-imports',
      comment: 'Every import leads to a file or to an installed package.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycles',
      comment: 'Types may refer to one another; what runs may not.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage|results)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@toolyard/source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
    },
    moduleSystems: ['es6', 'cjs'],
  },
};

/** The source files behind the packages' `exports`. */
function entries() {
  return [...names.map((name) => `packages/${name}`), ...children('apps').map((name) => `apps/${name}`)].flatMap(
    (folder) => {
      if (!existsSync(`${folder}/package.json`)) return [];
      const { exports: map = {} } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      return Object.values(map)
        .map((entry) => entry['@toolyard/source'])
        .filter((source) => source !== undefined)
        .map(
          (source) =>
            `^${folder}/${source
              .replace(/^\.\//, '')
              .replaceAll('.', String.raw`\.`)
              .replaceAll('*', '.*')}$`,
        );
    },
  );
}

function children(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/package.json`));
}
