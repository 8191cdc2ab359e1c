import { createHash } from 'node:crypto';
import type { Call, Caller } from '@toolyard/protocol';
import type { Affinity } from './affinity.ts';

/** What calls can be given to. */
export interface Member {
  /** Unique among the members, and theirs for good. */
  readonly number: number;
  /** Calls in flight. */
  readonly inFlight: number;
  readonly stateful: boolean;
}

export interface BalanceOptions<M extends Member> {
  readonly affinity: Affinity<M>;
  readonly random: () => number;
}

/** So many are compared; of more, two are drawn. */
const maxCompared = 8;

/**
 * Chooses a member for a call: the one that gave out what the call comes back with; where members keep state, always the same one for one principal, as long
 * as it is there; else the one with the fewest calls in flight, of two drawn at random where there are many (Mitzenmacher, The Power of Two Choices, 2001).
 */
export function choose<M extends Member>(
  call: Call,
  members: readonly M[],
  { affinity, random }: BalanceOptions<M>,
): M | undefined {
  if (members.length < 2) return members[0];
  const known = affinity.find(call);
  if (known !== undefined && members.includes(known)) return known;
  if (call.caller.principal !== anonymous && members.some(({ stateful }) => stateful))
    return home(call.caller, members);
  return leastLoaded(members, random);
}

/** Who was not authenticated is anybody. */
const anonymous = 'anonymous';

/** Rendezvous hashing: whoever comes or goes moves only the callers of one member (Thaler and Ravishankar, 1998). */
function home<M extends Member>({ tenant, principal }: Caller, members: readonly M[]): M | undefined {
  let best: M | undefined;
  let highest = -1;
  for (const member of members) {
    const digest = createHash('sha256')
      .update(JSON.stringify([member.number, tenant, principal]))
      .digest();
    const weight = digest.readUIntBE(0, 6);
    if (weight > highest) [best, highest] = [member, weight];
  }
  return best;
}

function leastLoaded<M extends Member>(members: readonly M[], random: () => number): M | undefined {
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
