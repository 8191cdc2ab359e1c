import type { Call, Service } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { unavailableKey } from '../../catalogue/missing-servers.ts';

/** Servers named at most. */
const maxNamed = 10;

/** `_meta` of the list that the meta-tools stand for. Asking for it also has servers asked for news that do not tell of changes themselves. */
export async function listMeta(call: Call, next: Service): Promise<RawObject> {
  const { result } = await next({ ...call, method: 'tools/list', params: RawObject.empty });
  return result.object('_meta') ?? RawObject.empty;
}

/** The servers among them whose tools cannot be seen now. */
export function unavailableServers(meta: RawObject): readonly string[] {
  return (meta.array(unavailableKey) ?? []).flatMap((each) =>
    each instanceof RawObject ? (each.string('server') ?? []) : [],
  );
}

/** Says so to a model. */
export function unavailableLine(servers: readonly string[]): string {
  const named = servers.slice(0, maxNamed).join(', ');
  const more = servers.length > maxNamed ? ` and ${servers.length - maxNamed} more` : '';
  return `Not searched, since they do not answer now: ${named}${more}.`;
}
