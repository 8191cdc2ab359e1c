import type { Target } from '@toolyard/protocol';

import type { ServerTarget } from './server-definition.ts';

/** The places of a server, one for each of its URLs, in their order. */
export function targetsOf(target: ServerTarget): readonly [Target, ...Target[]] {
  if (!('urls' in target)) return [target];
  const { urls, ...rest } = target;
  const [first, ...others] = urls.map((url): Target => ({ url, ...rest }));
  // There is one at least where the definition was checked.
  return [first ?? { url: '', ...rest }, ...others];
}
