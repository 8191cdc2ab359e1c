import type { Call, Caller, ConnectOptions, Notification, Reply, Service } from '@toolyard/protocol';
import { createCall, RawObject, ToolyardError } from '@toolyard/protocol';

export const connectOptions: ConnectOptions = { upstream: 'up', clientInfo: { name: 'tester', version: '1.0.0' } };
export const serverInfo = { name: 'server', version: '1.0.0' };

const caller: Caller = {
  principal: 'anonymous',
  tenant: 'default',
  clientInfo: undefined,
  capabilities: RawObject.empty,
};

/** A call as a middleware would make one. */
export function call(
  method: string,
  params: Readonly<Record<string, unknown>> | RawObject = {},
  over: Partial<Call> = {},
): Call {
  return { ...createCall(method, { params, caller }), ...over };
}

export function toolCall(name: string, args: Readonly<Record<string, unknown>> = {}, over: Partial<Call> = {}): Call {
  return call('tools/call', { name, arguments: args }, over);
}

export function collect(): { readonly notify: Call['notify']; readonly seen: Notification[] } {
  const seen: Notification[] = [];
  return { seen, notify: async (notification) => void seen.push(notification) };
}

export const discovery: RawObject = RawObject.of({
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: { listChanged: true }, resources: {}, prompts: {} },
  ttlMs: 0,
  cacheScope: 'private',
});

/** A server in this process: knows discovery, an empty list of each kind, and the tools it is given. */
export function serviceOf(tools: Readonly<Record<string, (call: Call) => Promise<Reply> | Reply>> = {}): Service {
  return async (call) => {
    switch (call.method) {
      case 'server/discover':
        return { result: discovery };
      case 'tools/list': {
        const list = Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' } }));
        return { result: RawObject.of({ resultType: 'complete', tools: list, ttlMs: 0, cacheScope: 'private' }) };
      }
      case 'tools/call': {
        const name = call.params.string('name') ?? '';
        const tool = tools[name];
        if (tool === undefined)
          throw new ToolyardError('TOOL_UNKNOWN', { tool: name, nearest: [] }, `There is no tool ${name}.`);
        return tool(call);
      }
      default:
        throw new ToolyardError('METHOD_UNKNOWN', { method: call.method }, `Unknown method ${call.method}.`);
    }
  };
}

export function textReply(text: string): Reply {
  return { result: RawObject.of({ resultType: 'complete', content: [{ type: 'text', text }] }) };
}

/** What a call failed with, as `CODE` or `not refused`. */
export async function codeOf(reply: Promise<unknown>): Promise<string> {
  try {
    await reply;
    return 'not refused';
  } catch (error) {
    return ToolyardError.is(error) ? error.code : String(error);
  }
}

export async function errorOf(reply: Promise<unknown>): Promise<ToolyardError> {
  try {
    await reply;
  } catch (error) {
    if (ToolyardError.is(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

export function textOf(reply: Reply): string {
  const content = reply.result.array('content')?.[0];
  return (content instanceof RawObject ? content.string('text') : undefined) ?? '';
}
