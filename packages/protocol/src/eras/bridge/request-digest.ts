import { createHash } from 'node:crypto';
import type { Call } from '../../call.ts';
import type { RawObject } from '../../wire/raw-object.ts';

/** Members that a retry has and its first call had not, or that belong to one hop. */
const ofTheRetry: ReadonlySet<string> = new Set(['inputResponses', 'requestState', '_meta']);

/**
 * What a call and its retry have in common and no other call has: who calls, which server, the method, and what it is about. Two spellings of the same JSON
 * (order of members, escapes, `1.0`) count as the same, since clients write a retry anew.
 */
export function requestDigest({ caller, method, params }: Call, upstream: string): Buffer {
  const request = JSON.stringify([caller.tenant, caller.principal, upstream, method]) + canonicalParams(params);
  return createHash('sha256').update(request).digest();
}

function canonicalParams(params: RawObject): string {
  const members = params
    .keys()
    .filter((key) => !ofTheRetry.has(key))
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(params.member(key)?.value)}`);
  return `{${members.join()}}`;
}

/** Nesting is bounded by what `readEnvelope` takes. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join()}}`;
}
