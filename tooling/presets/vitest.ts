import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Sibling packages are read from their sources, so that tests need no build; all others as Node itself reads them. */
const conditions = ['@toolyard/source', 'node', 'default'];

/** Tests beside the source. `overrides` are vitest's own `test` options. */
export function nodeTests(overrides: NonNullable<ViteUserConfig['test']> = {}): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: { include: ['src/**/*.test.ts'], environment: 'node', testTimeout: 15_000, ...overrides },
  });
}
