import { metaKeys } from './modern/meta.ts';
import { namesModernRevision } from './revisions.ts';
import type { RawObject } from '../wire/raw-object.ts';
import { headerMismatch } from '../headers/header-mismatch.ts';
import { trimHeaderValue } from '../headers/header-value.ts';

/**
 * Which rules a request or notification is to be read by, before any of them is applied (spec: basic/versioning).
 *
 * The body decides: `_meta` that names a version is `modern`, and so is what has a version header of 2026-07-28 or later, so that a request
 * without its `_meta` is told so and no session is made for it. `initialize` is `legacy` unless its `_meta` is whole.
 * Throws `HEADER_MISMATCH` for an `initialize` under a version that has none. Pipes leave `versionHeader` out.
 */
export function requestEra(method: string, params: RawObject, versionHeader?: string): 'modern' | 'legacy' {
  const meta = params.object('_meta');
  const underModernHeader = versionHeader !== undefined && namesModernRevision(trimHeaderValue(versionHeader));
  if (method === 'initialize') {
    const claimed = meta?.string(metaKeys.protocolVersion);
    const whole =
      claimed !== undefined && namesModernRevision(claimed) && meta?.object(metaKeys.clientCapabilities) !== undefined;
    if (whole) return 'modern';
    if (underModernHeader) throw headerMismatch('MCP-Protocol-Version', 'names a version without initialize');
    return 'legacy';
  }
  return underModernHeader || (meta?.has(metaKeys.protocolVersion) ?? false) ? 'modern' : 'legacy';
}
