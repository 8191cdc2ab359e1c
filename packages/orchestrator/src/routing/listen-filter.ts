import type { Call, RawObject } from '@toolyard/protocol';
import type { ChangeFlag } from '../catalogue/kinds.ts';
import { invalidParams, objectParam } from './request.ts';

/** What a subscription asks for. */
export interface ListenFilter {
  /** The list changes; told from the catalogue. */
  readonly flags: ReadonlySet<ChangeFlag>;
  /** Each once. */
  readonly uris: readonly string[];
  /** Members that are neither (of extensions): only a single server can be asked for them. */
  readonly rest: RawObject;
}

const flagNames: readonly ChangeFlag[] = ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'];

/** Reads the filter of a `subscriptions/listen`; throws `INVALID_PARAMS`. */
export function readListenFilter(call: Call, maxUris: number): ListenFilter {
  const filter = objectParam(call, 'notifications');
  const flags = new Set<ChangeFlag>();
  let rest = filter.without('resourceSubscriptions');
  for (const name of flagNames) {
    const value = filter.member(name)?.value;
    if (value !== undefined && typeof value !== 'boolean') throw invalidParams(`"${name}" is true or false.`);
    if (value === true) flags.add(name);
    rest = rest.without(name);
  }
  return { flags, uris: readUris(filter, maxUris), rest };
}

function readUris(filter: RawObject, maxUris: number): readonly string[] {
  if (!filter.has('resourceSubscriptions')) return [];
  const uris = filter.array('resourceSubscriptions')?.map(({ value }) => value);
  if (uris === undefined) throw invalidParams('"resourceSubscriptions" is a list of URIs.');
  if (uris.length > maxUris) throw invalidParams(`A subscription has at most ${maxUris} URIs.`);
  const distinct = new Set<string>();
  for (const uri of uris) {
    if (typeof uri !== 'string') throw invalidParams('"resourceSubscriptions" is a list of URIs.');
    distinct.add(uri);
  }
  return [...distinct];
}

/** The filter as it goes to one server, or as it was honoured. */
export function writeListenFilter({ flags, uris, rest }: ListenFilter): RawObject {
  let filter = rest;
  for (const name of flagNames) if (flags.has(name)) filter = filter.with(name, Buffer.from('true'));
  return uris.length === 0 ? filter : filter.with('resourceSubscriptions', Buffer.from(JSON.stringify(uris)));
}
