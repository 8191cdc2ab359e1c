import { ToolyardError } from '../../errors/toolyard-error.ts';
import { metaKeys, readMeta, type RequestMeta } from './meta.ts';
import { modernRevisions } from '../revisions.ts';
import type { RawObject } from '../../wire/raw-object.ts';
import { headerMismatch } from '../../headers/header-mismatch.ts';
import { headerNames, type HeaderLookup } from '../../headers/header-names.ts';
import { decodeHeaderValue, trimHeaderValue } from '../../headers/header-value.ts';
import { nameSource } from '../../headers/standard-headers.ts';

/** What a request that passed says about itself. */
export interface CheckedMeta extends RequestMeta {
  readonly revision: string;
  readonly capabilities: RawObject;
  readonly logLevel: Exclude<RequestMeta['logLevel'], 'invalid'>;
}

/**
 * Checks a request of 2026-07-28 against its headers and its own `_meta`; pipes, which have no headers, leave `header` out.
 *
 * The first rung that fails answers, in this order (spec: basic/transports/streamable-http, basic `_meta`; SEP-2243, SEP-2575):
 * 1. `_meta` names no version: `META_MISSING`.
 * 2. The version header names another: `HEADER_MISMATCH`.
 * 3. We do not speak it: `VERSION_UNSUPPORTED`, which helps a client more than what follows.
 * 4. The version header, then `Mcp-Method`, then `Mcp-Name` is missing where it must not be, or says otherwise than the body: `HEADER_MISMATCH`.
 * 5. `_meta` has no client capabilities: `META_MISSING`.
 * 6. Its log level is none: `INVALID_PARAMS`.
 *
 * `Mcp-Param-*` come after these, once the tool is known: `checkParamHeaders`.
 */
export function checkRequest(
  method: string,
  params: RawObject,
  header?: HeaderLookup,
  supported: readonly string[] = modernRevisions,
): CheckedMeta {
  const meta = readMeta(params);
  const { revision, capabilities, logLevel } = meta;
  if (revision === undefined) throw metaMissing(metaKeys.protocolVersion);
  const version = header?.(headerNames.protocolVersion);
  if (version !== undefined) checkVersionHeader(version, revision);
  if (!supported.includes(revision)) throw versionUnsupported(revision, supported);
  if (header !== undefined) {
    if (version === undefined) throw headerMismatch('MCP-Protocol-Version', 'missing');
    checkMethodHeader(header(headerNames.method), method);
    checkNameHeader(header(headerNames.name), method, params);
  }
  if (capabilities === undefined) throw metaMissing(metaKeys.clientCapabilities);
  if (logLevel === 'invalid') {
    const reason = `${metaKeys.logLevel} is not a log level`;
    throw new ToolyardError('INVALID_PARAMS', { reason }, `Invalid params: ${reason}.`);
  }
  return { ...meta, revision, capabilities, logLevel };
}

/**
 * Checks a notification that was posted. The specification leaves its headers open, so none has to be there; one that is there and says
 * otherwise than the body is refused, because someone on the way may have believed it.
 */
export function checkNotification(method: string, params: RawObject, header: HeaderLookup): void {
  const revision = params.object('_meta')?.string(metaKeys.protocolVersion);
  const version = header(headerNames.protocolVersion);
  if (version !== undefined && revision !== undefined) checkVersionHeader(version, revision);
  const named = header(headerNames.method);
  if (named !== undefined) checkMethodHeader(named, method);
}

function checkVersionHeader(version: string, revision: string): void {
  if (version !== revision && trimHeaderValue(version) !== revision) {
    throw headerMismatch('MCP-Protocol-Version', 'names another version than the body');
  }
}

function checkMethodHeader(named: string | undefined, method: string): void {
  if (named === undefined) throw headerMismatch('Mcp-Method', 'missing');
  // Never in Base64: whoever routes on it reads it as it stands.
  if (named !== method && trimHeaderValue(named) !== method)
    throw headerMismatch('Mcp-Method', 'names another method than the body');
}

function checkNameHeader(named: string | undefined, method: string, params: RawObject): void {
  const source = nameSource(method);
  if (source === undefined) return;
  const name = params.string(source);
  if (named === undefined) {
    // Without a name in the body there is nothing to mirror: whoever handles the method says what is missing.
    if (name !== undefined) throw headerMismatch('Mcp-Name', 'missing');
    return;
  }
  const decoded = decodeHeaderValue(named);
  if (decoded === undefined) throw headerMismatch('Mcp-Name', 'is badly encoded');
  if (decoded !== name) throw headerMismatch('Mcp-Name', `differs from params.${source}`);
}

function metaMissing(key: string): ToolyardError {
  return new ToolyardError('META_MISSING', { key }, `Invalid params: _meta lacks ${key}.`);
}

function versionUnsupported(requested: string, supported: readonly string[]): ToolyardError {
  const message = `Unsupported protocol version ${requested}; supported: ${supported.join(', ')}.`;
  return new ToolyardError('VERSION_UNSUPPORTED', { requested, supported }, message);
}
