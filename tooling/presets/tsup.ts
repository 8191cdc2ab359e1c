import { defineConfig, type Options } from 'tsup';

/** A published ESM package: one entry unless `entry` names more, with declarations and source maps. */
export function library(overrides: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: ['src/index.ts'],
    format: 'esm',
    target: 'node22',
    platform: 'node',
    dts: true,
    sourcemap: true,
    clean: true,
    ...overrides,
  });
}
