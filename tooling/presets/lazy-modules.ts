import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** Fails the build where `import()` asks for a CommonJS module in the bundle: esbuild gives it a default export only, so that names would be undefined. */
export function lazyModulesAreEsm(): Plugin {
  return {
    name: 'lazy-modules-are-esm',
    setup(build) {
      build.onEnd(({ metafile }) => {
        if (metafile === undefined) return;
        const { inputs, outputs } = metafile;
        const lazy = Object.values(outputs).flatMap(({ imports }) =>
          imports.flatMap(({ kind, path }) => (kind === 'dynamic-import' ? (outputs[path]?.entryPoint ?? []) : [])),
        );
        const odd = lazy.filter((file) => inputs[file]?.format === 'cjs');
        if (odd.length === 0) return;
        throw new Error(`import() of CommonJS has no names in a bundle: ${[...new Set(odd)].join(', ')}.`);
      });
    },
  };
}
