// oxlint-disable-next-line typescript/triple-slash-reference -- Declarations of modules without any cannot be imported.
/// <reference path="undici-parts.d.ts" />
// The two parts of undici that are used here: the whole takes three times as long to load. Its version is exact, so they stay where they are.
export { default as errors } from 'undici/lib/core/errors.js';
export { default as Pool } from 'undici/lib/dispatcher/pool.js';
