import { Server as ServerV1 } from '@modelcontextprotocol/sdk/server/index.js';
import * as v1 from '@modelcontextprotocol/sdk/types.js';
import { acceptedContent, inputRequired, Server as ServerV2 } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Pipe } from '../pipe.ts';
import { toSdkTransport } from '../sdk/to-sdk-transport.ts';

/** What a test sees of a server made with the official SDK. */
export interface SdkServer {
  readonly pipe: Pipe;
  /** Names of the tools whose calls were cancelled. */
  readonly cancelled: string[];
  /** Resources that are subscribed to. */
  readonly subscribed: Set<string>;
  readonly levels: string[];
  tellToolsChanged(): Promise<void>;
  tellUpdated(uri: string): Promise<void>;
  close(): Promise<void>;
}

const info = { name: 'sdk-server', version: '1.2.3' };
const capabilities = { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, logging: {} };
const tools = ['echo', 'count', 'ask', 'log', 'wait'].map((name) => ({ name, inputSchema: { type: 'object' as const } }));
const text = (value: string): { content: { type: 'text'; text: string }[] } => ({ content: [{ type: 'text', text: value }] });
const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } }, required: ['name'] };

/** A server of the first SDK generation: `initialize`, sessions, questions as requests. */
export async function sdkServerV1(pipe: Pipe): Promise<SdkServer> {
  const server = new ServerV1(info, { capabilities });
  const cancelled: string[] = [];
  const subscribed = new Set<string>();
  const levels: string[] = [];
  server.setRequestHandler(v1.ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(v1.SetLevelRequestSchema, ({ params }) => {
    levels.push(params.level);
    return {};
  });
  server.setRequestHandler(v1.SubscribeRequestSchema, ({ params }) => {
    subscribed.add(params.uri);
    return {};
  });
  server.setRequestHandler(v1.UnsubscribeRequestSchema, ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
  server.setRequestHandler(v1.ReadResourceRequestSchema, ({ params }) => {
    throw new v1.McpError(-32002, `no ${params.uri}`);
  });
  server.setRequestHandler(v1.CallToolRequestSchema, async ({ params }, extra) => {
    switch (params.name) {
      case 'count':
        for (let progress = 1; progress <= 3; progress++) {
          const progressToken = params._meta?.progressToken;
          if (progressToken !== undefined) await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: 3 } });
        }
        return text('counted');
      case 'ask': {
        const answer = await extra.sendRequest({ method: 'elicitation/create', params: { message: 'Who?', requestedSchema } }, v1.ElicitResultSchema);
        return text(`${answer.action}: ${String(answer.content?.['name'])}`);
      }
      case 'log':
        await extra.sendNotification({ method: 'notifications/message', params: { level: 'info', data: 'logged' } });
        return text('logged');
      case 'wait':
        await new Promise((resolve) => extra.signal.addEventListener('abort', resolve));
        cancelled.push(params.name);
        return text('too late');
      default:
        return text(JSON.stringify(params.arguments));
    }
  });
  await server.connect(toSdkTransport(pipe));
  return {
    pipe,
    cancelled,
    subscribed,
    levels,
    tellToolsChanged: () => server.sendToolListChanged(),
    tellUpdated: (uri) => server.sendResourceUpdated({ uri }),
    close: () => server.close(),
  };
}

/** A server of the second SDK generation, which speaks both eras; with `legacy: 'reject'` only 2026-07-28. */
export async function sdkServerV2(pipe: Pipe): Promise<SdkServer> {
  const cancelled: string[] = [];
  const levels: string[] = [];
  let live: ServerV2 | undefined;
  const handle = serveStdio(
    () => {
      const server = new ServerV2(info, { capabilities });
      server.setRequestHandler('tools/list', () => ({ tools }));
      server.setRequestHandler('resources/list', () => ({ resources: [{ uri: 'test://a', name: 'a' }] }));
      server.setRequestHandler('tools/call', async ({ params }, context) => {
        switch (params.name) {
          case 'count': {
            const progressToken = params._meta?.progressToken;
            for (let progress = 1; progress <= 3; progress++) {
              if (progressToken !== undefined) await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 3 } });
            }
            return text('counted');
          }
          case 'ask': {
            const answer = acceptedContent<{ name: string }>(context.mcpReq.inputResponses, 'who');
            if (answer !== undefined) return text(`accept: ${answer.name}`);
            return inputRequired({ inputRequests: { who: inputRequired.elicit({ message: 'Who?', requestedSchema }) }, requestState: 'kept "exactly" \u00e9' });
          }
          case 'log':
            await context.mcpReq.log('info', 'logged');
            return text('logged');
          case 'wait':
            await new Promise((resolve) => context.mcpReq.signal.addEventListener('abort', resolve));
            cancelled.push(params.name);
            return text('too late');
          default:
            return text(JSON.stringify(params.arguments));
        }
      });
      live = server;
      return server;
    },
    { transport: toSdkTransport(pipe), legacy: 'reject' },
  );
  return {
    pipe,
    cancelled,
    subscribed: new Set(),
    levels,
    tellToolsChanged: async () => live?.sendToolListChanged(),
    tellUpdated: async (uri) => live?.sendResourceUpdated({ uri }),
    close: () => handle.close(),
  };
}
