import type { Target } from '@toolyard/protocol';
import { type ServiceTarget, targetsOf } from '@toolyard/registry';
import type { ServerEntry } from '../../server-entry.ts';
import type { InstanceUrl } from '../../status.ts';

/** Where one instance is connected, until it leaves. */
export interface Place {
  readonly target: Target | ServiceTarget;
  /** Of a server with several. */
  readonly url: InstanceUrl | undefined;
  leave(): void;
}

interface TakenPlace extends Place {
  readonly entry: ServerEntry;
  /** Of the URL. */
  readonly at: number;
}

/** The places of one server, over which its instances are spread. */
export class Places {
  readonly #taken = new Set<TakenPlace>();

  /** That of the instance in whose place this one comes; else the URL that the fewest have, the first of several. */
  take(entry: ServerEntry, instead?: Place): Place {
    if ('service' in entry.target) return { target: entry.target, url: undefined, leave: () => undefined };
    const targets = targetsOf(entry.target);
    const before = [...this.#taken].find((place) => place === instead && place.entry === entry);
    const at = before?.at ?? this.#least(entry, targets.length);
    const target = targets[at] ?? targets[0];
    const place: TakenPlace = {
      entry,
      at,
      target,
      url: targets.length > 1 && 'url' in target ? { number: at + 1, origin: originOf(target.url) } : undefined,
      leave: () => void this.#taken.delete(place),
    };
    this.#taken.add(place);
    return place;
  }

  #least(entry: ServerEntry, count: number): number {
    const counts = Array.from({ length: count }, () => 0);
    for (const place of this.#taken) if (place.entry === entry) counts[place.at] = (counts[place.at] ?? 0) + 1;
    return counts.indexOf(Math.min(...counts));
  }
}

interface Placed {
  readonly place: Pick<Place, 'url'> | undefined;
}

/** The same ones, so that the first of them are spread over the URLs: the first of each, then the second of each. */
export function inTurns<T extends Placed>(instances: readonly T[]): readonly T[] {
  const seen = new Map<number, number>();
  const turns = instances.map((instance): readonly [T, number] => {
    const url = instance.place?.url?.number;
    if (url === undefined) return [instance, 0];
    const turn = seen.get(url) ?? 0;
    seen.set(url, turn + 1);
    return [instance, turn];
  });
  return turns.toSorted(([, one], [, other]) => one - other).map(([instance]) => instance);
}

/** Paths and queries of URLs can be secrets. */
function originOf(text: string): string {
  const url = URL.parse(text);
  return url === null ? '' : `${url.protocol}//${url.host}`;
}
