import { defineConfig } from 'vitest/config';

/** Tests beside the source, run against the sources of sibling packages (no build first). */
export function nodeTests(overrides = {}) {
  return defineConfig({
    resolve: { conditions: ['@toolyard/source', 'module', 'node', 'default'] },
    ssr: { resolve: { conditions: ['@toolyard/source', 'module', 'node', 'default'] } },
    test: { include: ['src/**/*.test.ts'], environment: 'node', testTimeout: 15_000, ...overrides },
  });
}
