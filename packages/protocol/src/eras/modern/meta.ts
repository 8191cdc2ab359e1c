import { type Call, type LogLevel, logLevels } from '../../call.ts';
import type { MessageId } from '../../pipe.ts';
import { RawJson } from '../../wire/raw-json.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { concat, encodeUtf8 } from '../../wire/text.ts';

/** The reserved members of `_meta` (spec: basic, `_meta`). */
export const metaKeys = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
  progressToken: 'progressToken',
} as const;

/** What the `_meta` of a request says about this hop. A member of the wrong type counts as absent. */
export interface RequestMeta {
  readonly revision: string | undefined;
  readonly clientInfo: RawObject | undefined;
  readonly capabilities: RawObject | undefined;
  /** Integers beyond ±2^53 count as absent: progress under another token than the caller's is worse than none. */
  readonly progressToken: string | number | undefined;
  /** `invalid` for anything that is no level, which a door answers with `INVALID_PARAMS`. */
  readonly logLevel: LogLevel | 'invalid' | undefined;
}

const noMeta: RequestMeta = {
  revision: undefined,
  clientInfo: undefined,
  capabilities: undefined,
  progressToken: undefined,
  logLevel: undefined,
};

/** Reads the members of `params._meta` that belong to one hop; the rest is not looked at. */
export function readMeta(params: RawObject): RequestMeta {
  const meta = params.object('_meta');
  if (meta === undefined) return noMeta;
  return {
    revision: meta.string(metaKeys.protocolVersion),
    clientInfo: meta.object(metaKeys.clientInfo),
    capabilities: meta.object(metaKeys.clientCapabilities),
    progressToken: token(meta.member(metaKeys.progressToken)),
    logLevel: readLogLevel(meta),
  };
}

function readLogLevel(meta: RawObject): RequestMeta['logLevel'] {
  if (!meta.has(metaKeys.logLevel)) return undefined;
  const level = meta.string(metaKeys.logLevel);
  return logLevels.find((known) => known === level) ?? 'invalid';
}

function token(member: RawJson | undefined): string | number | undefined {
  const value = member?.value;
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** What the hop to the next server adds to a call. */
export interface HopMeta {
  readonly revision: string;
  /** Ours for this hop; absent where the caller wants no progress. */
  readonly progressToken?: string | number | undefined;
  /** `Implementation` of this side, for calls whose caller gave none. */
  readonly clientInfo: RawObject;
}

/**
 * `call.params` as they are sent to a server of revision 2026-07-28: the hop's members of `_meta` written anew from the call, all others
 * kept byte for byte behind them.
 */
export function writeMeta(call: Call, hop: HopMeta): RawObject {
  const { capabilities, clientInfo = hop.clientInfo } = call.caller;
  const parts = [
    versionKey,
    jsonText(hop.revision),
    capabilitiesKey,
    capabilities.bytes,
    clientInfoKey,
    clientInfo.bytes,
  ];
  if (call.logLevel !== undefined) parts.push(logLevelKey, jsonText(call.logLevel));
  if (hop.progressToken !== undefined) parts.push(progressTokenKey, jsonText(hop.progressToken));
  const foreign = foreignMembers(call.params);
  if (foreign === undefined) parts.push(close);
  else parts.push(comma, foreign.bytes.subarray(open.length));
  return call.params.with('_meta', concat(parts));
}

/** `call.params` as they are sent to a server before 2026-07-28: of the hop's members of `_meta` only the token, which that server knows. */
export function writeLegacyMeta(call: Call, hop: Pick<HopMeta, 'progressToken'>): RawObject {
  const { params } = call;
  const foreign = foreignMembers(params);
  if (hop.progressToken === undefined) {
    if (foreign === undefined) return params.without('_meta');
    return foreign === params.object('_meta') ? params : params.with('_meta', foreign);
  }
  const parts = [onlyTokenKey, jsonText(hop.progressToken)];
  if (foreign === undefined) parts.push(close);
  else parts.push(comma, foreign.bytes.subarray(open.length));
  return params.with('_meta', concat(parts));
}

/** What `_meta` holds beside the hop's members; `undefined` for nothing. */
function foreignMembers(params: RawObject): RawObject | undefined {
  const meta = params.object('_meta');
  if (meta === undefined) return undefined;
  let hops = 0;
  for (const key of hopKeys) if (meta.has(key)) hops += 1;
  if (hops === meta.size) return undefined;
  return hops === 0 ? meta : meta.patch(withoutHopKeys);
}

const withoutHopKeys: Readonly<Record<string, undefined>> = {
  [metaKeys.protocolVersion]: undefined,
  [metaKeys.clientCapabilities]: undefined,
  [metaKeys.clientInfo]: undefined,
  [metaKeys.logLevel]: undefined,
  [metaKeys.progressToken]: undefined,
};

const hopKeys = Object.keys(withoutHopKeys);

/** The id of the `subscriptions/listen` request that a notification or result belongs to, as JSON text. */
export function subscriptionIdOf(params: RawObject): MessageId | undefined {
  return params.object('_meta')?.member(metaKeys.subscriptionId)?.text;
}

/** Stamps a notification's params, or the result that ends a subscription. `id`: the listen request's, as its sender spelled it. */
export function withSubscriptionId(params: RawObject, id: MessageId): RawObject {
  return withMetaMember(params, metaKeys.subscriptionId, new RawJson(encodeUtf8(id)));
}

/** Takes the stamp off; `_meta` goes with it if it held nothing else. */
export function withoutSubscriptionId(params: RawObject): RawObject {
  return withoutMetaMember(params, metaKeys.subscriptionId);
}

/** The token of a `notifications/progress`. */
export function progressTokenOf(params: RawObject): string | number | undefined {
  return token(params.member('progressToken'));
}

/** The same progress under another token. */
export function withProgressToken(params: RawObject, progressToken: string | number): RawObject {
  return params.with('progressToken', jsonText(progressToken));
}

/** Stamps a result with the `Implementation` of this side unless it carries its server's. */
export function withServerInfo(result: RawObject, info: RawObject): RawObject {
  return result.object('_meta')?.has(metaKeys.serverInfo) ? result : withMetaMember(result, metaKeys.serverInfo, info);
}

/** The same object with one member of its `_meta` set. A `_meta` that is no object is replaced. */
export function withMetaMember(object: RawObject, key: string, value: RawJson): RawObject {
  return object.with('_meta', (object.object('_meta') ?? RawObject.empty).with(key, value));
}

/** The same object without one member of its `_meta`; an emptied `_meta` goes too. */
export function withoutMetaMember(object: RawObject, key: string): RawObject {
  const meta = object.object('_meta');
  if (meta === undefined || !meta.has(key)) return object;
  return meta.keys().length === 1 ? object.without('_meta') : object.with('_meta', meta.without(key));
}

const open = encodeUtf8('{');
const close = encodeUtf8('}');
const comma = encodeUtf8(',');
const versionKey = encodeUtf8(`{"${metaKeys.protocolVersion}":`);
const capabilitiesKey = encodeUtf8(`,"${metaKeys.clientCapabilities}":`);
const clientInfoKey = encodeUtf8(`,"${metaKeys.clientInfo}":`);
const logLevelKey = encodeUtf8(`,"${metaKeys.logLevel}":`);
const progressTokenKey = encodeUtf8(`,"${metaKeys.progressToken}":`);
const onlyTokenKey = encodeUtf8(`{"${metaKeys.progressToken}":`);

function jsonText(value: string | number): Uint8Array {
  return encodeUtf8(JSON.stringify(value));
}
