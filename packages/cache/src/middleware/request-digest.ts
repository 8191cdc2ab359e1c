import { type Call, metaKeys, type RawObject } from '@toolyard/protocol';
import { digest } from '../keys/digest.ts';

/** Members of `_meta` that say how this one call travels, and nothing of what is asked. All others count. */
const ofTheHop: ReadonlySet<string> = new Set([
  metaKeys.protocolVersion,
  metaKeys.clientInfo,
  metaKeys.clientCapabilities,
  metaKeys.logLevel,
  metaKeys.progressToken,
  'traceparent',
  'tracestate',
]);

/**
 * Differs where anything differs that the answer may depend on: method, params, the client's capabilities. The order of members does not count, their
 * spelling does: parsing could make one of two numbers that are none to their server.
 */
export function requestDigest({ method, params, caller }: Call): string {
  const meta = params.object('_meta');
  return digest(
    method,
    ofMembers(params, (name) => name === '_meta' && meta !== undefined),
    meta === undefined ? '' : ofMembers(meta, (name) => ofTheHop.has(name)),
    caller.capabilities.bytes,
  );
}

function ofMembers(object: RawObject, isLeftOut: (name: string) => boolean): string {
  const names = object.keys().filter((name) => !isLeftOut(name));
  if (names.length === 0) return '';
  return digest(...names.sort().flatMap((name) => [name, object.member(name)?.bytes ?? '']));
}
