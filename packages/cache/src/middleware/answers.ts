import { type KeptEntry, RawJson, RawObject, type Reply, withMetaMember } from '@toolyard/protocol';
import { hintedMs } from './lifetime.ts';

/** The member of `_meta` that marks a stale answer: `{"stale":true,"ageMs":…}`. */
export const staleKey = 'io.github.toolyard/cache';

export function isFresh({ ageMs, freshMs }: KeptEntry): boolean {
  return ageMs < freshMs;
}

/** Whether a stale answer is at most that much past its time. */
export function isWithin({ ageMs, freshMs }: KeptEntry, staleMs: number): boolean {
  return ageMs < freshMs + staleMs;
}

/** The answer as its server gave it, except that `ttlMs` says what is left of it. What its server did not promise is not promised on. */
export function freshReply({ result, ageMs, freshMs }: KeptEntry): Reply {
  const leftMs = Math.floor(freshMs - ageMs);
  return { result: hintedMs({ result }) > 0 ? result.with('ttlMs', RawJson.of(leftMs)) : new RawObject(result.bytes) };
}

/** The answer with a `ttlMs` of 0, and the mark. */
export function staleReply({ result, ageMs }: KeptEntry): Reply {
  const old = hintedMs({ result }) > 0 ? result.with('ttlMs', RawJson.of(0)) : result;
  return { result: withMetaMember(old, staleKey, RawJson.of({ stale: true, ageMs: Math.round(ageMs) })) };
}
