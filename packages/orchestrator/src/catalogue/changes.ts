import { createTeller, type Told } from '@toolyard/protocol';
import type { Catalogue } from './catalogue.ts';
import type { ChangeFlag, ChangeMethod, Kind } from './kinds.ts';
import { kinds, listKinds, perKind } from './kinds.ts';

/** Tells of changes of the catalogue. */
export interface Changes extends Told<readonly Kind[]> {
  /** Something may have changed: tells soon if it did. */
  touch(): void;
  /** Tells at once what would be told soon. */
  flush(): void;
  /** Ends the telling. */
  close(): void;
}

/** How changes of these lists are told: by subscription flag, the notification. */
export function noticesOf(changed: readonly Kind[]): ReadonlyMap<ChangeFlag, ChangeMethod> {
  return new Map(changed.map((kind) => [listKinds[kind].flag, listKinds[kind].changed]));
}

/**
 * Tells only of lists whose definitions really differ from those told of before, byte for byte. What happens within `settleMs` is
 * told once, so that servers that come up together make one notification. `toolsShownAs`: what else makes another list of the same tools.
 */
export function watchChanges(catalogue: Catalogue, settleMs: number, toolsShownAs: () => string = () => ''): Changes {
  const teller = createTeller<readonly Kind[]>();
  const revisions = (): Record<Kind, string> =>
    perKind((kind) => catalogue.current.lists[kind].revision + (kind === 'tools' ? toolsShownAs() : ''));
  let told = revisions();
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    timer = undefined;
    const now = revisions();
    const changed = kinds.filter((kind) => now[kind] !== told[kind]);
    told = now;
    if (changed.length > 0) teller.tell(changed);
  };
  return {
    touch() {
      catalogue.invalidate();
      timer ??= setTimeout(tell, settleMs);
    },
    flush() {
      clearTimeout(timer);
      tell();
    },
    listen: (listener) => teller.listen(listener),
    [Symbol.asyncIterator]: () => teller[Symbol.asyncIterator](),
    close() {
      clearTimeout(timer);
      teller.end();
    },
  };
}
