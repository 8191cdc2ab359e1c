import { RawObject } from '@toolyard/protocol';
import type { Discovery } from '../../catalogue/upstream.ts';
import { isMethodUnknown } from '../server-errors.ts';
import { readHints } from './hints.ts';
import type { Ask } from './own-calls.ts';

/** Asks a server about itself. One that does not know `server/discover` (a plain function, say) is taken to have every list. */
export async function discover(ask: Ask): Promise<Discovery> {
  const result = await ask('server/discover', RawObject.empty).catch((error: unknown) => {
    if (isMethodUnknown(error)) return undefined;
    throw error;
  });
  return {
    capabilities:
      result === undefined
        ? RawObject.of({ tools: {}, prompts: {}, resources: {} })
        : (result.object('capabilities') ?? RawObject.empty),
    instructions: result?.string('instructions'),
    ...(result === undefined ? { ttlMs: 0, cacheScope: 'private' } : readHints(result)),
  };
}
