import { type EventReader, readEvents } from './raw-session.ts';

/** What a client of revision 2026-07-28 is answered that is made of nothing but `fetch`. */
export interface RawAnswer {
  readonly status: number;
  /** The body as it came. */
  readonly text: string;
  readonly message: RawMessage;
}

export interface RawMessage {
  readonly result?: {
    readonly tools?: readonly { readonly name: string }[];
    readonly content?: readonly { readonly text?: string }[];
    readonly isError?: boolean;
    readonly resultType?: string;
    readonly requestState?: string;
  };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: { readonly code?: string } };
}

export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  /** What the client declares. Default: nothing. */
  readonly capabilities?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function ask(
  endpoint: string,
  method: string,
  params: Record<string, unknown> = {},
  options: AskOptions = {},
): Promise<RawAnswer> {
  const response = await send(endpoint, method, params, options);
  const text = await response.text();
  return { status: response.status, text, message: JSON.parse(lastMessage(text)) as RawMessage };
}

/** Subscribes. The acknowledgement is the first event. */
export async function listen(
  endpoint: string,
  notifications: Record<string, unknown>,
  options: Pick<AskOptions, 'capabilities'> = {},
): Promise<EventReader> {
  const controller = new AbortController();
  const { signal } = controller;
  const response = await send(endpoint, 'subscriptions/listen', { notifications }, { ...options, signal });
  return readEvents(response, controller);
}

function send(
  endpoint: string,
  method: string,
  params: Record<string, unknown>,
  { signal, capabilities = {}, headers = {} }: AskOptions,
): Promise<Response> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    ...(params['_meta'] as object | undefined),
  };
  const name = params['name'] ?? params['uri'];
  return fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The body itself, or the data of the last event where it is a stream. */
export function lastMessage(text: string): string {
  if (text.startsWith('{')) return text;
  return (
    text
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => line.slice('data: '.length))
      .at(-1) ?? ''
  );
}

export function callTool(endpoint: string, name: string, signal?: AbortSignal): Promise<RawAnswer> {
  return ask(endpoint, 'tools/call', { name, arguments: {} }, { signal });
}

export async function toolNames(endpoint: string): Promise<readonly string[]> {
  const { message } = await ask(endpoint, 'tools/list');
  return message.result?.tools?.map(({ name }) => name) ?? [];
}
