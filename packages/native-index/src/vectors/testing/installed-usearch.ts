import type { UsearchModule } from '../usearch/usearch-module.ts';

/** The package, or why tests of it cannot run: not every platform has a binary. */
export const usearch: UsearchModule | string = await import('usearch').then(
  (module) => module as unknown as UsearchModule,
  (error: unknown) => `usearch does not load here: ${String(error)}`,
);
