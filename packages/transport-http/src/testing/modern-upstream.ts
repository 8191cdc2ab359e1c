import type { ServerResponse } from 'node:http';
import type { Connection, ConnectOptions } from '@toolyard/protocol';
import { httpTransport } from '../transport.ts';
import { connectOptions } from './calls.ts';
import { modernAnswers, rawServer, type RawServer, type SeenRequest } from './raw-http.ts';

export type Answer = (seen: SeenRequest, response: ServerResponse) => void;

export async function upstream(answer: Answer): Promise<RawServer> {
  return rawServer(modernAnswers(answer));
}

export function connect(
  server: RawServer,
  options: Partial<ConnectOptions> = {},
  headers: Record<string, string> = {},
): Promise<Connection> {
  return httpTransport().connect({ url: server.url, headers }, { ...connectOptions, ...options });
}

export function events(response: ServerResponse, ...messages: unknown[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const message of messages)
    response.write(`event: message\ndata: ${typeof message === 'string' ? message : JSON.stringify(message)}\n\n`);
}

export function result(id: unknown, text: string): unknown {
  return { jsonrpc: '2.0', id, result: { resultType: 'complete', content: [{ type: 'text', text }] } };
}
