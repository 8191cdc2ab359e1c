import type { Call } from '@toolyard/protocol';
import type { Affinity } from './affinity.ts';
import type { Homes } from './homes.ts';

/** What calls can be given to. */
export interface Member {
  /** Unique among the members, and theirs for good. */
  readonly number: number;
  /** Calls in flight. */
  readonly inFlight: number;
  readonly stateful: boolean;
}

/** So many are compared; of more, two are drawn. */
const maxCompared = 8;

/** The only member that will do for a call: the one that gave out what the call comes back with; else, where members keep state, the one where its caller is at home. */
export function ownerOf<M extends Member>(
  call: Call,
  members: readonly M[],
  affinity: Affinity,
  homes: Homes,
): M | undefined {
  const known = giverOf(call, members, affinity);
  if (known !== undefined || !members.some(({ stateful }) => stateful)) return known;
  const home = homes.of(call.caller);
  return home === undefined ? undefined : members.find(({ number }) => number === home);
}

/** Of these, the one that gave out what the call comes back with. */
export function giverOf<M extends Member>(call: Call, members: readonly M[], affinity: Affinity): M | undefined {
  const number = affinity.find(call);
  return number === undefined ? undefined : members.find((member) => member.number === number);
}

/** The member with the fewest calls in flight, of two drawn at random where there are many (Mitzenmacher, The Power of Two Choices, 2001). */
export function leastLoaded<M extends Member>(members: readonly M[], random: () => number): M | undefined {
  const drawn = members.length > maxCompared ? twoOf(members, random) : members;
  // Where loads are equal, any of them: the first would be given every call of a quiet server.
  const start = Math.floor(random() * drawn.length);
  let best: M | undefined;
  for (let step = 0; step < drawn.length; step++) {
    const member = drawn[(start + step) % drawn.length];
    if (member !== undefined && (best === undefined || member.inFlight < best.inFlight)) best = member;
  }
  return best;
}

function twoOf<M>(members: readonly M[], random: () => number): readonly M[] {
  const first = Math.floor(random() * members.length);
  const second = (first + 1 + Math.floor(random() * (members.length - 1))) % members.length;
  return [members[first], members[second]].filter((member) => member !== undefined);
}
