import { createHash } from 'node:crypto';
import type { Call, RawObject, Reply } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { LRUCache } from 'lru-cache';

/** What is known of later calls: one that is forgotten goes to any instance. */
const maxKnown = 10_000;

/** Which member gave out what a later call comes back with: the state of a question, or a task. Members are known by their numbers, so that those that are gone are not held. */
export interface Affinity {
  find(call: Call): number | undefined;
  /** Remembers who answered, where it matters. */
  learn(reply: Reply, member: number): void;
}

export function createAffinity(): Affinity {
  /** Made when there is something to remember: it takes its whole room at once, and most servers never ask back. */
  let members: LRUCache<string, number> | undefined;
  return {
    find({ params }) {
      const state = params.string('requestState');
      if (state !== undefined) return members?.get(stateKey(state));
      const task = params.string('taskId');
      return task === undefined ? undefined : members?.get(taskKey(task));
    },
    learn({ result }, member) {
      const key = keyOf(result);
      if (key !== undefined) (members ??= new LRUCache({ max: maxKnown })).set(key, member);
    },
  };
}

/** A result that names a member twice is passed on like any other, and remembered as nobody's. */
function keyOf(result: RawObject): string | undefined {
  try {
    return readKey(result);
  } catch (error) {
    if (ToolyardError.is(error, 'INVALID_REQUEST')) return undefined;
    throw error;
  }
}

function readKey(result: RawObject): string | undefined {
  const type = result.string('resultType');
  if (type === 'task') return mapped(result.string('taskId'), taskKey);
  return type === 'input_required' ? mapped(result.string('requestState'), stateKey) : undefined;
}

function mapped(value: string | undefined, key: (value: string) => string): string | undefined {
  return value === undefined ? undefined : key(value);
}

function taskKey(task: string): string {
  return `t${task}`;
}

/** States may be long. */
function stateKey(state: string): string {
  return `s${createHash('sha256').update(state).digest('base64')}`;
}
