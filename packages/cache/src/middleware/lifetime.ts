import { type RawObject, type Reply, ToolyardError } from '@toolyard/protocol';
import type { Asked } from './asked.ts';
import type { Settings } from './options.ts';

export interface Lifetime {
  readonly freshMs: number;
  readonly staleMs: number;
  readonly shared: boolean;
}

/** How long a reply holds and for whom; `undefined` where it is not to be kept: questions, tasks, failures of tools, and what holds for no time. */
export function lifetimeOf({ tool }: Asked, reply: Reply, settings: Settings): Lifetime | undefined {
  const { result } = reply;
  if (!isReadable(result)) return undefined;
  if ((result.string('resultType') ?? 'complete') !== 'complete') return undefined;
  const { defaultTtlMs, maxTtlMs, toolTtlMs, staleWhileRevalidateMs, staleIfErrorMs } = settings;
  if (tool !== undefined) {
    const failed = result.member('isError')?.value === true;
    return failed ? undefined : lasting({ freshMs: toolTtlMs(tool) ?? 0, staleMs: 0, shared: false });
  }
  const staleMs = Math.max(staleWhileRevalidateMs, staleIfErrorMs);
  if (reply.unhinted === true) return lasting({ freshMs: defaultTtlMs, staleMs, shared: false });
  const freshMs = Math.min(maxTtlMs, hintedMs(reply));
  return lasting({ freshMs, staleMs, shared: result.string('cacheScope') === 'public' });
}

/** `ttlMs` as its server gave it; what is absent or makes no sense counts as 0 (spec: server/utilities/caching). */
export function hintedMs({ result }: Pick<Reply, 'result'>): number {
  const ttlMs = result.member('ttlMs')?.value;
  return typeof ttlMs === 'number' && ttlMs > 0 ? Math.floor(ttlMs) : 0;
}

/** Where a name stands twice, readers disagree on which of the two counts: nothing is decided on either, and the caller gets it as it came. */
function isReadable(result: RawObject): boolean {
  try {
    return result.keys().length > 0 && (result.object('_meta')?.keys().length ?? 0) >= 0;
  } catch (error) {
    if (ToolyardError.is(error)) return false;
    throw error;
  }
}

function lasting(lifetime: Lifetime): Lifetime | undefined {
  return lifetime.freshMs > 0 ? lifetime : undefined;
}
