import type { Caller, Notification } from '@toolyard/protocol';
import { RawJson } from '@toolyard/protocol';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { onlyOne, type Roster } from '../../catalogue/roster.ts';
import type { Upstream } from '../../catalogue/upstream.ts';
import type { Parcel } from '../../listening/outbox.ts';
import type { Topic } from '../../listening/topics.ts';
import {
  isTask,
  resourceTopic,
  stringIn,
  subjectOf,
  taskTopic,
  updatedMethod,
  updateOf,
} from '../../listening/topics.ts';
import { mayKnowTasks } from '../../tasks/extension.ts';
import type { TaskIds } from '../../tasks/task-ids.ts';
import type { ListenFilter } from './listen-filter.ts';

/** What one server is asked for on behalf of one subscription. */
export interface ListenShare {
  readonly upstream: Upstream;
  /** By topic, what the caller calls it. */
  readonly subjects: ReadonlyMap<Topic, string>;
}

export interface ListenSubjectsOptions {
  readonly roster: Roster;
  readonly naming: 'prefixed' | 'flat';
  readonly catalogue: Catalogue;
  readonly taskIds: TaskIds;
}

/** Splits URIs and tasks among their servers. Nobody is asked for what belongs to no server, or to one that cannot tell of it. */
export function splitSubjects(
  { uris, taskIds }: ListenFilter,
  caller: Caller,
  options: ListenSubjectsOptions,
): readonly ListenShare[] {
  const shares = new Map<Upstream, Map<Topic, string>>();
  const add = (upstream: Upstream | undefined, topic: Topic, subject: string): void => {
    if (upstream === undefined) return;
    const subjects = shares.get(upstream);
    if (subjects === undefined) shares.set(upstream, new Map([[topic, subject]]));
    else subjects.set(topic, subject);
  };
  const only = options.naming === 'flat' ? onlyOne(options.roster) : undefined;
  for (const uri of uris) add(only ?? ownerOf(uri, options), resourceTopic(uri), uri);
  for (const id of taskIds) {
    const place = only === undefined ? options.taskIds.read(caller, id) : { upstream: only.id, taskId: id };
    const upstream = place === undefined ? undefined : options.roster.find(place.upstream);
    if (place === undefined || upstream === undefined) continue;
    if (upstream === only || mayKnowTasks(upstream)) add(upstream, taskTopic(place.taskId), id);
  }
  return [...shares].map(([upstream, subjects]) => ({ upstream, subjects }));
}

function ownerOf(uri: string, { catalogue }: ListenSubjectsOptions): Upstream | undefined {
  const upstream = catalogue.current.resources.find(uri);
  const told = upstream?.offer?.discovery.capabilities.object('resources')?.member('subscribe')?.value === true;
  return told ? upstream : undefined;
}

/** What is told of a subject, ready for its caller: a task under the id that the caller knows. */
export function parcelOf(
  topic: Topic | undefined,
  notification: Notification,
  subjects: ReadonlyMap<Topic, string>,
): Parcel {
  const { method, params } = notification;
  if (topic !== undefined && isTask(topic)) {
    const id = subjects.get(topic) ?? subjectOf(topic);
    const known = id === subjectOf(topic) ? params : params.with('taskId', RawJson.of(id));
    return { key: topic, notification: { method, params: known } };
  }
  const uri = method === updatedMethod ? (stringIn(params, 'uri') ?? '') : '';
  if (topic === undefined) return { key: `part of unknown:${uri}`, notification };
  const whole = uri === subjectOf(topic);
  if (whole) return { key: topic, notification, own: true };
  const coarser: Parcel = { key: topic, notification: updateOf(subjectOf(topic)), own: true };
  return { key: `part:${uri}`, notification, coarser };
}
