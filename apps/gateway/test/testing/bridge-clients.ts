import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitationCompleteNotificationSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { progress: number }) => void;
}

/** What tests need of the official clients of both eras. Each answers with its own name, so that nobody's answer can pass for another's. */
export interface BridgeClient extends AsyncDisposable {
  /** What it was asked for, in order. */
  readonly asked: readonly string[];
  /** Log messages, updates and completed pages that it heard of. */
  readonly heard: readonly string[];
  call(tool: string, given?: Record<string, unknown>, options?: CallOptions): Promise<object>;
  tools(): Promise<readonly { name: string; _meta?: unknown }[]>;
  read(uri: string): Promise<unknown>;
  watch(uri: string): Promise<void>;
  /** Log messages from this level on, from now on. */
  wantLogs(level: 'debug' | 'warning' | 'error'): Promise<void>;
}

/** Where a client connects: a URL, or a command that is the gateway itself. */
export type Place =
  | { readonly url: string }
  | { readonly command: string; readonly args: string[]; readonly env: Record<string, string> };

export type OpenClient = (place: Place, name?: string) => Promise<BridgeClient>;

const capabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

type Asking = { readonly mode?: string | undefined; readonly message: string };
type Sampling = { readonly messages: readonly { readonly content: unknown }[] };

interface Answers {
  readonly asked: string[];
  elicit(asking: Asking): { action: 'accept'; content?: { answer: string } };
  sample(sampling: Sampling): { role: 'assistant'; model: string; content: { type: 'text'; text: string } };
  roots(): { roots: { uri: string }[] };
}

function answers(name: string): Answers {
  const asked: string[] = [];
  return {
    asked,
    elicit({ mode, message }: Asking) {
      asked.push(message);
      if (mode === 'url') return { action: 'accept' };
      return { action: 'accept', content: { answer: `${name}: ${message}` } };
    },
    sample({ messages }: Sampling) {
      const content = messages[0]?.content as { text?: string } | { text?: string }[] | undefined;
      const prompt = (Array.isArray(content) ? content[0] : content)?.text ?? '';
      asked.push(prompt);
      return { role: 'assistant', model: 'none', content: { type: 'text', text: `${name}: ${prompt}` } };
    },
    roots() {
      asked.push('roots');
      return { roots: [{ uri: `file:///${name}` }] };
    },
  };
}

export const legacyClient: OpenClient = async (place, name = 'ada') => {
  const client = new LegacyClient({ name, version: '1.0.0' }, { capabilities });
  const { asked, elicit, sample, roots } = answers(name);
  const heard: string[] = [];
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicit(params));
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => sample(params));
  client.setRequestHandler(ListRootsRequestSchema, roots);
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(String(params.data)));
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void heard.push(params.uri));
  client.setNotificationHandler(ElicitationCompleteNotificationSchema, ({ method }) => void heard.push(method));
  const wire = 'url' in place ? new LegacyHttp(new URL(place.url)) : new LegacyStdio({ ...place, stderr: 'ignore' });
  await client.connect(wire);
  return {
    asked,
    heard,
    call: (tool, given = {}, options) => client.callTool({ name: tool, arguments: given }, undefined, options),
    tools: async () => (await client.listTools()).tools,
    read: (uri) => client.readResource({ uri }),
    watch: async (uri) => void (await client.subscribeResource({ uri })),
    wantLogs: async (level) => void (await client.setLoggingLevel(level)),
    [Symbol.asyncDispose]: () => client.close(),
  };
};

export const modernClient: OpenClient = async (place, name = 'ada') => {
  const client = new ModernClient(
    { name, version: '1.0.0' },
    { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  const { asked, elicit, sample, roots } = answers(name);
  const heard: string[] = [];
  let logLevel: 'debug' | 'warning' | 'error' | undefined;
  client.setRequestHandler('elicitation/create', ({ params }) => elicit(params));
  client.setRequestHandler('sampling/createMessage', ({ params }) => sample(params));
  client.setRequestHandler('roots/list', roots);
  client.setNotificationHandler('notifications/message', ({ params }) => void heard.push(String(params.data)));
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri));
  client.setNotificationHandler('notifications/elicitation/complete', ({ method }) => void heard.push(method));
  const wire = 'url' in place ? new ModernHttp(new URL(place.url)) : new ModernStdio({ ...place, stderr: 'ignore' });
  await client.connect(wire);
  return {
    asked,
    heard,
    call(tool, given = {}, options) {
      const meta = logLevel === undefined ? {} : { _meta: { 'io.modelcontextprotocol/logLevel': logLevel } };
      return client.callTool({ name: tool, arguments: given, ...meta }, options);
    },
    tools: async () => (await client.listTools()).tools,
    read: (uri) => client.readResource({ uri }),
    watch: async (uri) => void (await client.listen({ resourceSubscriptions: [uri] })),
    wantLogs: async (level) => void (logLevel = level),
    [Symbol.asyncDispose]: () => client.close(),
  };
};

/** Both, by name. */
export const eras: readonly { readonly era: string; readonly open: OpenClient }[] = [
  { era: '2025-11-25', open: legacyClient },
  { era: '2026-07-28', open: modernClient },
];
