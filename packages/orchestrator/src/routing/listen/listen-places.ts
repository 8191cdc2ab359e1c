import type { Caller } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import type { Limits } from '../../limits.ts';
import { ownerKey } from '../../listening/owner-key.ts';

/** Counts open subscriptions. */
export interface ListenPlaces {
  /** Returns what gives the place back. Throws `TOO_MANY_CALLS`. */
  enter(caller: Caller): () => void;
}

/** All together, and those of one principal; people whom nobody asked who they are cannot be told apart, so for `anonymous` only the first bound holds. */
export function createListenPlaces({
  maxListens,
  maxListensPerPrincipal,
}: Pick<Limits, 'maxListens' | 'maxListensPerPrincipal'>): ListenPlaces {
  const byOwner = new Map<string, number>();
  let open = 0;
  return {
    enter(caller) {
      const owner = ownerKey(caller);
      const theirs = byOwner.get(owner) ?? 0;
      if (open >= maxListens) throw tooMany(maxListens);
      if (theirs >= maxListensPerPrincipal && caller.principal !== 'anonymous') throw tooMany(maxListensPerPrincipal);
      open++;
      byOwner.set(owner, theirs + 1);
      return () => {
        open--;
        const left = (byOwner.get(owner) ?? 0) - 1;
        if (left > 0) byOwner.set(owner, left);
        else byOwner.delete(owner);
      };
    },
  };
}

function tooMany(limit: number): ToolyardError {
  return new ToolyardError('TOO_MANY_CALLS', { limit }, 'There are too many open subscriptions.');
}
