import { Server as ServerV1 } from '@modelcontextprotocol/sdk/server/index.js';
import * as v1 from '@modelcontextprotocol/sdk/types.js';
import { acceptedContent, inputRequired, inputResponse, Server as ServerV2 } from '@modelcontextprotocol/server';
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
const tools = ['echo', 'count', 'ask', 'sample', 'roots', 'page', 'gate', 'log', 'wait'].map((name) => ({
  name,
  inputSchema: { type: 'object' as const },
}));
const text = (value: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text: value }],
});
const requestedSchema = {
  type: 'object' as const,
  properties: { name: { type: 'string' as const } },
  required: ['name'],
};

const sampling = {
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'Say it' } }],
  maxTokens: 9,
};
const page = { mode: 'url' as const, message: 'Open it', url: 'https://example.com/in' };
const urlOf = ({ message, url }: typeof page): Pick<typeof page, 'message' | 'url'> => ({ message, url });

/** A server of the first SDK generation: `initialize`, sessions, questions as requests. */
export async function sdkServerV1(pipe: Pipe): Promise<SdkServer> {
  const server = new ServerV1(info, { capabilities });
  const cancelled: string[] = [];
  const subscribed = new Set<string>();
  const levels: string[] = [];
  let gateOpen = false;
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
          if (progressToken !== undefined)
            await extra.sendNotification({
              method: 'notifications/progress',
              params: { progressToken, progress, total: 3 },
            });
        }
        return text('counted');
      case 'ask': {
        const answer = await extra.sendRequest(
          { method: 'elicitation/create', params: { message: 'Who?', requestedSchema } },
          v1.ElicitResultSchema,
        );
        return text(`${answer.action}: ${String(answer.content?.['name'])}`);
      }
      case 'sample': {
        const sample = await extra.sendRequest(
          { method: 'sampling/createMessage', params: sampling },
          v1.CreateMessageResultSchema,
        );
        return text(sample.content.type === 'text' ? sample.content.text : sample.content.type);
      }
      case 'roots': {
        const { roots } = await extra.sendRequest({ method: 'roots/list' }, v1.ListRootsResultSchema);
        return text(roots.map(({ uri }) => uri).join());
      }
      case 'page': {
        const { action } = await extra.sendRequest(
          { method: 'elicitation/create', params: { ...page, elicitationId: 'page-1' } },
          v1.ElicitResultSchema,
        );
        await extra.sendNotification({
          method: 'notifications/elicitation/complete',
          params: { elicitationId: 'page-1' },
        });
        return text(`page: ${action}`);
      }
      case 'gate':
        if (gateOpen) return text('through the gate');
        gateOpen = true;
        throw new v1.UrlElicitationRequiredError([{ ...page, elicitationId: 'gate-1' }]);
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
              if (progressToken !== undefined)
                await context.mcpReq.notify({
                  method: 'notifications/progress',
                  params: { progressToken, progress, total: 3 },
                });
            }
            return text('counted');
          }
          case 'ask': {
            const answer = acceptedContent<{ name: string }>(context.mcpReq.inputResponses, 'who');
            if (answer !== undefined) return text(`accept: ${answer.name}`);
            return inputRequired({
              inputRequests: { who: inputRequired.elicit({ message: 'Who?', requestedSchema }) },
              requestState: 'kept "exactly" \u00e9',
            });
          }
          case 'sample': {
            const sample = inputResponse(context.mcpReq.inputResponses, 'sample');
            if (sample.kind !== 'sampling')
              return inputRequired({ inputRequests: { sample: inputRequired.createMessage(sampling) } });
            return text(JSON.stringify(sample.result.content).includes('"sampled"') ? 'sampled' : 'something else');
          }
          case 'roots': {
            const roots = inputResponse(context.mcpReq.inputResponses, 'roots');
            if (roots.kind !== 'roots') return inputRequired({ inputRequests: { roots: inputRequired.listRoots() } });
            return text(roots.roots.map(({ uri }) => uri).join());
          }
          case 'page':
          case 'gate': {
            const opened = inputResponse(context.mcpReq.inputResponses, 'page');
            if (opened.kind !== 'elicit')
              return inputRequired({ inputRequests: { page: inputRequired.elicitUrl(urlOf(page)) } });
            return text(params.name === 'page' ? `page: ${opened.action}` : 'through the gate');
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
