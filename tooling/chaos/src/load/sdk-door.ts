import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import type { Door } from './door.ts';

export interface SdkDoor extends Door, AsyncDisposable {}

/** A client of revision 2025-11-25, made of the official SDK; over HTTP+SSE as of 2024-11-05 where `url` ends in `/sse`. */
export async function sdkDoor(name: string, url: string, headers: Record<string, string>): Promise<SdkDoor> {
  const client = new Client({ name, version: '1.0.0' });
  const streamable = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  const events = url.endsWith('/sse');
  await client.connect(events ? new SSEClientTransport(new URL(url), { requestInit: { headers } }) : streamable);
  return {
    name,
    exact: false,
    async call({ server, tool, args, wantsProgress }, { signal, onProgress }) {
      try {
        const result = await client.callTool(
          { name: `${server}__${tool}`, arguments: JSON.parse(args) as Record<string, unknown> },
          undefined,
          { signal, timeout: 60_000, ...(wantsProgress && { onprogress: ({ message }) => onProgress(message) }) },
        );
        return {
          echoed: JSON.stringify(result['structuredContent']),
          principal: headers['x-principal'] ?? 'anonymous',
        };
      } catch (error) {
        if (signal.aborted) return { code: 'CANCELLED' };
        const data = error instanceof McpError ? (error.data as { readonly code?: string } | undefined) : undefined;
        return { code: data?.code ?? 'uncoded', words: String(error) };
      }
    },
    async [Symbol.asyncDispose]() {
      if (!events) await streamable.terminateSession().catch(() => undefined);
      await client.close();
    },
  };
}
