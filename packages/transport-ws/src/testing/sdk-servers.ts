import { Server as ServerV1 } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ElicitResultSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { acceptedContent, inputRequired, Server as ServerV2 } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Pipe } from '@toolyard/protocol';
import { toSdkTransport } from '@toolyard/protocol/sdk';
import { foreignServer } from './ws-rig.ts';

/** A server made with the official SDK, which has no WebSocket of its own, behind one of `ws`. */
export interface SdkServer extends AsyncDisposable {
  readonly url: string;
  /** Resolves when `wait` was called, and when that call was cancelled. */
  readonly waiting: Promise<void>;
  readonly cancelled: Promise<void>;
  /**
   * Lets `count` go on after a report. The SDK's clients handle a reply before the reports that came in the same turn, and drop those.
   */
  goOn(progress: number): void;
}

const info = { name: 'sdk-server', version: '1.2.3' };
const capabilities = { tools: {} };
const tools = ['echo', 'count', 'ask', 'wait'].map((name) => ({ name, inputSchema: { type: 'object' as const } }));
const text = (value: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text: value }],
});
const requestedSchema = {
  type: 'object' as const,
  properties: { name: { type: 'string' as const } },
  required: ['name'],
};

interface Watch {
  readonly waiting: PromiseWithResolvers<void>;
  readonly cancelled: PromiseWithResolvers<void>;
  readonly steps: readonly PromiseWithResolvers<void>[];
}

async function count({ steps }: Watch, report: (progress: number) => Promise<void>) {
  for (const [index, step] of steps.entries()) {
    await report(index + 1);
    await step.promise;
  }
  return text('counted');
}

async function wait({ waiting, cancelled }: Watch, signal: AbortSignal) {
  waiting.resolve();
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  cancelled.resolve();
  return text('too late');
}

async function behindWebSocket(open: (pipe: Pipe, watch: Watch) => Promise<() => Promise<void>>): Promise<SdkServer> {
  const watch: Watch = {
    waiting: Promise.withResolvers(),
    cancelled: Promise.withResolvers(),
    steps: [1, 2, 3].map(() => Promise.withResolvers()),
  };
  const closing: Promise<() => Promise<void>>[] = [];
  const server = await foreignServer((_, pipe) => closing.push(open(pipe(), watch)));
  return {
    url: server.url,
    waiting: watch.waiting.promise,
    cancelled: watch.cancelled.promise,
    goOn: (progress) => watch.steps[progress - 1]?.resolve(),
    async [Symbol.asyncDispose]() {
      for (const close of closing) await (await close)();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The first generation: `initialize`, questions as requests. */
export function sdkServerV1(): Promise<SdkServer> {
  return behindWebSocket(async (pipe, watch) => {
    const server = new ServerV1(info, { capabilities });
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      switch (params.name) {
        case 'count': {
          const progressToken = params._meta?.progressToken ?? '';
          return count(watch, (progress) =>
            extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: 3 } }),
          );
        }
        case 'ask': {
          const question = { method: 'elicitation/create' as const, params: { message: 'Who?', requestedSchema } };
          const answer = await extra.sendRequest(question, ElicitResultSchema);
          return text(`${answer.action}: ${String(answer.content?.['name'])}`);
        }
        case 'wait':
          return wait(watch, extra.signal);
        default:
          return text(JSON.stringify(params.arguments));
      }
    });
    await server.connect(toSdkTransport(pipe));
    return () => server.close();
  });
}

/** The second generation, 2026-07-28 only. */
export function sdkServerV2(): Promise<SdkServer> {
  return behindWebSocket(async (pipe, watch) => {
    const handle = serveStdio(
      () => {
        const server = new ServerV2(info, { capabilities });
        server.setRequestHandler('tools/list', () => ({ tools }));
        server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
          switch (params.name) {
            case 'count': {
              const progressToken = params._meta?.progressToken ?? '';
              return count(watch, (progress) =>
                mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 3 } }),
              );
            }
            case 'ask': {
              const answer = acceptedContent<{ name: string }>(mcpReq.inputResponses, 'who');
              if (answer !== undefined) return text(`accept: ${answer.name}`);
              return inputRequired({
                inputRequests: { who: inputRequired.elicit({ message: 'Who?', requestedSchema }) },
              });
            }
            case 'wait':
              return wait(watch, mcpReq.signal);
            default:
              return text(JSON.stringify(params.arguments));
          }
        });
        return server;
      },
      { transport: toSdkTransport(pipe), legacy: 'reject' },
    );
    return () => handle.close();
  });
}
