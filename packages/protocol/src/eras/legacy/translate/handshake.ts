import type { Caller } from '../../../call.ts';
import { RawJson } from '../../../wire/raw-json.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { metaKeys, withMetaMember, withoutMetaMember } from '../../modern/meta.ts';
import { modernRevision } from '../../revisions.ts';

/** The extension that replaced the experimental tasks of 2025-11-25; clients before 2026-07-28 cannot use it. */
const tasksExtension = 'io.modelcontextprotocol/tasks';

/** Who a session's calls come from, by the params of its `initialize`. The experimental tasks of 2025-11-25 are not passed on. */
export function callerFromInitialize(params: RawObject, identity: Pick<Caller, 'principal' | 'tenant'>): Caller {
  return {
    principal: identity.principal,
    tenant: identity.tenant,
    clientInfo: params.object('clientInfo'),
    capabilities: (params.object('capabilities') ?? RawObject.empty).without('tasks'),
  };
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

/** What a server of an older revision said in its answer to `initialize`, as a result of `server/discover`. Unknown members stay, tasks go. */
export function discoverFromInitialize(initialize: RawObject): RawObject {
  const serverInfo = initialize.object('serverInfo');
  const discover = initialize.patch({
    protocolVersion: undefined,
    serverInfo: undefined,
    resultType: RawJson.of('complete'),
    supportedVersions: RawJson.of([modernRevision]),
    capabilities: (initialize.object('capabilities') ?? RawObject.empty).without('tasks'),
    ttlMs: RawJson.of(0),
    cacheScope: RawJson.of('private'),
  });
  return serverInfo === undefined ? discover : withMetaMember(discover, metaKeys.serverInfo, serverInfo);
}

function withoutTasks(capabilities: RawObject): RawObject {
  const plain = capabilities.without('tasks');
  const extensions = plain.object('extensions');
  if (extensions === undefined || !extensions.has(tasksExtension)) return plain;
  const others = extensions.without(tasksExtension);
  return others.keys().length === 0 ? plain.without('extensions') : plain.with('extensions', others);
}
