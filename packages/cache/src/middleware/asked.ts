import type { CacheKey, Call } from '@toolyard/protocol';
import { digest } from '../keys/digest.ts';
import type { Settings } from './options.ts';
import { requestDigest } from './request-digest.ts';
import { topicOf } from './topics.ts';

/** A call whose answer may be kept. */
export interface Asked {
  readonly call: Call;
  readonly key: CacheKey;
  /** Short, and another one for whatever is asked or whoever asks. */
  readonly name: string;
  /** The tool where it is a call of one, which then may be kept. */
  readonly tool: string | undefined;
}

/** Members of a retry, whose answer is for nobody else (spec: MRTR), and of a request for a task. */
const ofOneCall = ['inputResponses', 'requestState', 'task'];

/** `undefined` where the answer is not to be kept, whatever it is. */
export function askedOf(call: Call, { server, toolTtlMs, principalOf }: Settings): Asked | undefined {
  const { method, params } = call;
  const topic = topicOf(method, params);
  if (topic === undefined) return undefined;
  const tool = method === 'tools/call' ? (params.string('name') ?? '') : undefined;
  if (tool !== undefined && !((toolTtlMs(tool) ?? 0) > 0)) return undefined;
  if (ofOneCall.some((name) => params.has(name))) return undefined;
  const { tenant } = call.caller;
  const principal = principalOf(call);
  const request = requestDigest(call);
  const key = { tenant, principal, server, topic, request };
  return { call, tool, key, name: digest(tenant, principal, request) };
}
