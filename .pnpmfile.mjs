/** tsup and dependency-cruiser use the compiler's API, which TypeScript 7 has not: they get the TypeScript 6 compatibility package. */
const API = 'npm:@typescript/typescript6@6.0.2';
const USERS = new Set(['tsup', 'dependency-cruiser']);

export const hooks = {
  readPackage(manifest) {
    if (!USERS.has(manifest.name)) return manifest;
    const { typescript: _peer, ...peerDependencies } = manifest.peerDependencies ?? {};
    return { ...manifest, peerDependencies, dependencies: { ...manifest.dependencies, typescript: API } };
  },
};
