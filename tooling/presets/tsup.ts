import { defineConfig, type Options } from 'tsup';
import { lazyModulesAreEsm } from './lazy-modules.ts';
import { nodeHttpOnly } from './node-http.ts';
import { type LicenseTexts, thirdPartyLicenses } from './third-party.ts';

/** A published ESM package: one entry unless `entry` names more, with declarations and source maps. */
export function library(overrides: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({ ...esm, entry: ['src/index.ts'], dts: true, ...overrides });
}

export interface CommandOptions {
  readonly entry: string;
  /** `dependencies` that are bundled nevertheless. */
  readonly bundle: readonly string[];
  readonly licenses: LicenseTexts;
}

/**
 * A command in one bundle with what it imports, so that Node has few files to find and little to compile. Bundled are `devDependencies`, and what they import; `dependencies` are left to
 * be installed. Names are kept, so that stack traces can be read; line breaks are not, and source maps (`node --enable-source-maps`) lead to the sources.
 */
export function command({ entry, bundle, licenses }: CommandOptions): ReturnType<typeof defineConfig> {
  return defineConfig({
    ...esm,
    entry: [entry],
    dts: false,
    noExternal: [...bundle],
    removeNodeProtocol: false,
    minifyWhitespace: true,
    minifySyntax: true,
    // What is CommonJS in the bundle requires built-in modules.
    banner: {
      js: `import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);`,
    },
    esbuildPlugins: [nodeHttpOnly(), lazyModulesAreEsm(), thirdPartyLicenses(licenses)],
    esbuildOptions(options) {
      options.sourcesContent = false;
      // A line that threw is printed.
      options.lineLimit = 200;
    },
  });
}

const esm = { format: 'esm', target: 'node22', platform: 'node', sourcemap: true, clean: true } satisfies Options;
