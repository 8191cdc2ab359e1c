import type { Caller } from '../../../call.ts';
import { RawJson } from '../../../wire/raw-json.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { metaKeys, withMetaMember, withoutMetaMember } from '../../modern/meta.ts';
import { modernRevision } from '../../revisions.ts';
import { toModernCapabilities, withoutTasks } from './tasks.ts';

/** Who a session's calls come from, by the params of its `initialize`. No tasks are passed on: clients before 2026-07-28 cannot use the extension. */
export function callerFromInitialize(
  params: RawObject,
  identity: Pick<Caller, 'principal' | 'tenant' | 'session'>,
): Caller {
  return {
    ...identity,
    clientInfo: apart(params.object('clientInfo')),
    capabilities: apart(withoutTasks(params.object('capabilities') ?? RawObject.empty)) ?? RawObject.empty,
  };
}

/** A copy of its bytes alone: what is kept as long as a session must not keep all that came with it. */
function apart(object: RawObject | undefined): RawObject | undefined {
  if (object === undefined) return undefined;
  return object.size === 0 ? RawObject.empty : new RawObject(Buffer.from(object.bytes));
}

export interface InitializeIdentity {
  /** The revision that was agreed on. */
  readonly revision: string;
  /** `Implementation` of this side, for a discovery that names none. */
  readonly serverInfo: RawObject;
}

/** The answer to `initialize` that says what a `server/discover` result says. Unknown members stay, tasks go. */
export function initializeResult(discover: RawObject, identity: InitializeIdentity): RawObject {
  const serverInfo = discover.object('_meta')?.object(metaKeys.serverInfo) ?? identity.serverInfo;
  return withoutMetaMember(discover, metaKeys.serverInfo)
    .patch({
      resultType: undefined,
      ttlMs: undefined,
      cacheScope: undefined,
      supportedVersions: undefined,
      capabilities: withoutTasks(discover.object('capabilities') ?? RawObject.empty),
      serverInfo,
    })
    .prepend('protocolVersion', RawJson.of(identity.revision));
}

/** What a server of an older revision said in its answer to `initialize`, as a result of `server/discover`. Unknown members stay, tasks become the extension. */
export function discoverFromInitialize(initialize: RawObject): RawObject {
  const serverInfo = initialize.object('serverInfo');
  const discover = initialize.patch({
    protocolVersion: undefined,
    serverInfo: undefined,
    resultType: RawJson.of('complete'),
    supportedVersions: RawJson.of([modernRevision]),
    capabilities: toModernCapabilities(initialize.object('capabilities') ?? RawObject.empty),
    ttlMs: RawJson.of(0),
    cacheScope: RawJson.of('private'),
  });
  return serverInfo === undefined ? discover : withMetaMember(discover, metaKeys.serverInfo, serverInfo);
}

/** What a server can do whose notifications do not arrive unless they belong to a call: lists and resources that change without a word. */
export function withoutNotifications(capabilities: RawObject): RawObject {
  return ['tools', 'prompts', 'resources'].reduce((rest, name) => {
    const capability = rest.object(name);
    return capability === undefined ? rest : rest.with(name, capability.without('listChanged').without('subscribe'));
  }, capabilities);
}
