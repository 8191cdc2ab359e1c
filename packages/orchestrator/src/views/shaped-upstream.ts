import type { FetchedList } from '../catalogue/entries/entry.ts';
import type { Offer, Upstream } from '../catalogue/upstream.ts';
import type { ToolShape } from './tool-shape.ts';

/** A server that offers what a profile shows of its tools, and everything else as it is. A list is looked through once. */
export function shapedUpstream(upstream: Upstream, shape: ToolShape): Upstream {
  const toolsOf = remembering((list: FetchedList) => shape.apply(list));
  const offerOf = remembering((offer: Offer): Offer => {
    const { tools } = offer.lists;
    const shown = tools === undefined ? undefined : toolsOf(tools);
    return shown === tools ? offer : { ...offer, lists: { ...offer.lists, tools: shown } };
  });
  return {
    id: upstream.id,
    title: upstream.title,
    ordinal: upstream.ordinal,
    priority: upstream.priority,
    get up() {
      return upstream.up;
    },
    get offer() {
      return upstream.offer === undefined ? undefined : offerOf(upstream.offer);
    },
    get service() {
      return upstream.service;
    },
    tells: (flag) => upstream.tells(flag),
    whenUp: (signal) => upstream.whenUp(signal),
    revalidate: (kind) => upstream.revalidate(kind),
  };
}

/** Remembers the answer for the last thing it was asked about. */
function remembering<T extends object, R>(make: (value: T) => R): (value: T) => R {
  let last: { readonly value: T; readonly made: R } | undefined;
  return (value) => {
    if (last?.value !== value) last = { value, made: make(value) };
    return last.made;
  };
}
