import type { Call, RawObject } from '@toolyard/protocol';
import { RawJson } from '@toolyard/protocol';
import { noticesOf } from '../../catalogue/changes.ts';
import { type ChangeFlag, kinds } from '../../catalogue/kinds.ts';
import { invalidParams, objectParam } from '../request.ts';

/** What a subscription asks for. */
export interface ListenFilter {
  /** The list changes; told from the catalogue. */
  readonly flags: ReadonlySet<ChangeFlag>;
  /** Each once. */
  readonly uris: readonly string[];
  /** Each once; as callers know them. */
  readonly taskIds: readonly string[];
  /** Members that are none of these (of other extensions): only a single server can be asked for them. */
  readonly rest: RawObject;
}

const flagNames: readonly ChangeFlag[] = [...noticesOf(kinds).keys()];

/** Reads the filter of a `subscriptions/listen`; throws `INVALID_PARAMS`. */
export function readListenFilter(call: Call, maxSubjects: number): ListenFilter {
  const filter = objectParam(call, 'notifications');
  const flags = new Set<ChangeFlag>();
  let rest = filter.without('resourceSubscriptions').without('taskIds');
  for (const name of flagNames) {
    const value = filter.member(name)?.value;
    if (value !== undefined && typeof value !== 'boolean') throw invalidParams(`"${name}" is true or false.`);
    if (value === true) flags.add(name);
    rest = rest.without(name);
  }
  return {
    flags,
    uris: readStrings(filter, 'resourceSubscriptions', 'URIs', maxSubjects),
    taskIds: readStrings(filter, 'taskIds', 'ids of tasks', maxSubjects),
    rest,
  };
}

function readStrings(filter: RawObject, key: string, what: string, max: number): readonly string[] {
  if (!filter.has(key)) return [];
  const found = filter.array(key)?.map(({ value }) => value);
  if (found === undefined) throw invalidParams(`"${key}" is a list of ${what}.`);
  if (found.length > max) throw invalidParams(`A subscription has at most ${max} ${what}.`);
  const distinct = new Set<string>();
  for (const each of found) {
    if (typeof each !== 'string') throw invalidParams(`"${key}" is a list of ${what}.`);
    distinct.add(each);
  }
  return [...distinct];
}

/** The filter as it was honoured. */
export function writeListenFilter({ flags, uris, taskIds, rest }: ListenFilter): RawObject {
  let filter = rest;
  for (const name of flagNames) if (flags.has(name)) filter = filter.with(name, Buffer.from('true'));
  if (uris.length > 0) filter = filter.with('resourceSubscriptions', RawJson.of(uris));
  return taskIds.length === 0 ? filter : filter.with('taskIds', RawJson.of(taskIds));
}
