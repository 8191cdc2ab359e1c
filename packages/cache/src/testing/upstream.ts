import { type Call, type CallOptions, createCall, RawObject, type Reply, type Service } from '@toolyard/protocol';

/** What the server is to answer, or the error it is to fail with. */
export type Script = (call: Call, count: number) => Promise<Reply> | Reply;

export interface Upstream {
  readonly service: Service;
  /** The calls that reached it, in their order. */
  readonly calls: readonly Call[];
  /** Answers in another way from now on. */
  answer(script: Script): void;
}

/** A server that answers as it is told. */
export function upstream(first: Script): Upstream {
  const calls: Call[] = [];
  let script = first;
  return {
    calls,
    answer(next) {
      script = next;
    },
    service: async (call) => {
      calls.push(call);
      return script(call, calls.length);
    },
  };
}

/** A reply of a modern server. */
export function reply(members: Readonly<Record<string, unknown>>): Reply {
  return { result: RawObject.of({ resultType: 'complete', ...members }) };
}

/** A list of tools with one tool, which says how many requests there were. */
export function numbered(hints: Readonly<Record<string, unknown>> = { ttlMs: 60_000, cacheScope: 'private' }): Script {
  return (_, count) => reply({ tools: [{ name: `t${count}` }], ...hints });
}

/** A call of `tools/list` by somebody. */
export function listCall(principal = 'ann', options: CallOptions = {}): Call {
  return createCall('tools/list', { ...options, caller: { principal, ...options.caller } });
}

/** The name of the tool in a list, which says which request it is the answer to. */
export function toolIn({ result }: Reply): unknown {
  const tools = result.array('tools')?.map((tool) => (tool instanceof RawObject ? tool.string('name') : undefined));
  return tools?.[0];
}
