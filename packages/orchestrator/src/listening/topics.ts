import type { Notification } from '@toolyard/protocol';
import { RawObject, ToolyardError } from '@toolyard/protocol';

/** What a server tells of by itself, one by one: a resource, or a task. */
export type Topic = `r:${string}` | `t:${string}`;

export const updatedMethod = 'notifications/resources/updated';
export const taskMethod = 'notifications/tasks';

export function resourceTopic(uri: string): Topic {
  return `r:${uri}`;
}

export function taskTopic(taskId: string): Topic {
  return `t:${taskId}`;
}

export function isTask(topic: Topic): boolean {
  return topic.startsWith('t:');
}

/** The URI, or the task's id. */
export function subjectOf(topic: Topic): string {
  return topic.slice(2);
}

/** What an update of the whole resource looks like. */
export function updateOf(uri: string): Notification {
  return { method: updatedMethod, params: RawObject.of({ uri }) };
}

/** The filter that asks a server for these. */
export function filterOf(topics: Iterable<Topic>): RawObject {
  const resourceSubscriptions: string[] = [];
  const taskIds: string[] = [];
  for (const topic of topics) (isTask(topic) ? taskIds : resourceSubscriptions).push(subjectOf(topic));
  return RawObject.of({
    ...(resourceSubscriptions.length > 0 && { resourceSubscriptions }),
    ...(taskIds.length > 0 && { taskIds }),
  });
}

/** What an acknowledgement names. */
export function topicsIn(filter: RawObject): ReadonlySet<Topic> {
  const strings = (key: string): string[] =>
    filter.array(key)?.flatMap(({ value }) => (typeof value === 'string' ? value : [])) ?? [];
  return new Set([...strings('resourceSubscriptions').map(resourceTopic), ...strings('taskIds').map(taskTopic)]);
}

/**
 * The topics that would cover what a server tells, the narrowest first: an update may be about a part of what was subscribed to
 * (spec: server/resources), so those of `memo://a/b#c` are `memo://a/b#c`, `memo://a/b`, `memo://a/`, `memo://a` and so on.
 */
export function topicsOf({ method, params }: Notification): readonly Topic[] {
  if (method === taskMethod) {
    const taskId = stringIn(params, 'taskId');
    return taskId === undefined ? [] : [taskTopic(taskId)];
  }
  const uri = method === updatedMethod ? stringIn(params, 'uri') : undefined;
  if (uri === undefined) return [];
  const topics = new Set([resourceTopic(uri)]);
  for (let at = uri.length - 1; at > 0 && topics.size < maxCovering; at--) {
    const mark = uri[at];
    if (mark !== '/' && mark !== '?' && mark !== '#') continue;
    if (mark === '/') topics.add(resourceTopic(uri.slice(0, at + 1)));
    topics.add(resourceTopic(uri.slice(0, at)));
  }
  return [...topics];
}

/** A URI of nothing but slashes is not followed to its beginning. */
const maxCovering = 64;

/** `undefined` also where a member stands twice: nobody knows then what was meant. */
export function stringIn(params: RawObject, key: string): string | undefined {
  try {
    return params.string(key);
  } catch (error) {
    if (ToolyardError.is(error, 'INVALID_REQUEST')) return undefined;
    throw error;
  }
}
