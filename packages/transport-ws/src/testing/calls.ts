import {
  type Call,
  type ConnectOptions,
  createCall,
  RawObject,
  type Reply,
  type Service,
  ToolyardError,
} from '@toolyard/protocol';

export const connectOptions: ConnectOptions = { upstream: 'up', clientInfo: { name: 'tester', version: '1.0.0' } };
export const serverInfo = { name: 'server', version: '1.0.0' };

/** A server in this process: knows discovery, its list of tools, and the tools it is given. */
export function serviceOf(tools: Readonly<Record<string, (call: Call) => Promise<Reply> | Reply>> = {}): Service {
  return async (call) => {
    switch (call.method) {
      case 'server/discover':
        return {
          result: RawObject.of({
            resultType: 'complete',
            supportedVersions: ['2026-07-28'],
            capabilities: { tools: {} },
            ttlMs: 0,
            cacheScope: 'private',
          }),
        };
      case 'tools/list': {
        const list = Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' } }));
        return { result: RawObject.of({ resultType: 'complete', tools: list, ttlMs: 0, cacheScope: 'private' }) };
      }
      default: {
        const tool = tools[call.params.string('name') ?? ''];
        if (tool === undefined) throw new ToolyardError('METHOD_UNKNOWN', { method: call.method }, 'Unknown.');
        return tool(call);
      }
    }
  };
}

export function textReply(text: string): Reply {
  return { result: RawObject.of({ resultType: 'complete', content: [{ type: 'text', text }] }) };
}

export function textOf(reply: Reply): unknown {
  const [block] = reply.result.array('content') ?? [];
  return block instanceof RawObject ? block.string('text') : undefined;
}

export const echo: Service = serviceOf({
  echo: (call) => textReply(call.params.object('arguments')?.string('text') ?? ''),
});

export function echoCall(text: string): Call {
  return createCall('tools/call', { params: { name: 'echo', arguments: { text } } });
}

/** A tool `wait` that never answers, and what becomes of its call. */
export function endless(): {
  readonly service: Service;
  readonly started: Promise<Call>;
  readonly aborted: Promise<unknown>;
} {
  const started = Promise.withResolvers<Call>();
  const aborted = Promise.withResolvers<unknown>();
  const wait = (call: Call): Promise<never> =>
    new Promise((_, reject) => {
      call.signal.addEventListener('abort', () => {
        aborted.resolve(call.signal.reason);
        reject(new Error('aborted'));
      });
      started.resolve(call);
    });
  return { service: serviceOf({ wait }), started: started.promise, aborted: aborted.promise };
}

export async function errorOf(promise: Promise<unknown>): Promise<ToolyardError> {
  try {
    await promise;
  } catch (error) {
    if (ToolyardError.is(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
