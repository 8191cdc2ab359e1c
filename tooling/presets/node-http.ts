import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/**
 * Has `node:http` asked for as CommonJS does. An import reads each of its exports once, of which `WebSocket` makes Node load its own undici, all of fetch included: a twentieth of the
 * time until a gateway is ready.
 */
export function nodeHttpOnly(): Plugin {
  return {
    name: 'node-http-only',
    setup(build) {
      build.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
        kind === 'import-statement' ? { path: 'node:http', namespace: 'built-in' } : undefined,
      );
      build.onLoad({ filter: /^node:http$/, namespace: 'built-in' }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule('${path}');`,
      }));
    },
  };
}
