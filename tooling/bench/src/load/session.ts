import type { HttpConnection } from './http-connection.ts';
import { exchange } from './http-connection.ts';
import { initialize, initialized, post, sessionRevision } from './messages.ts';

export interface Session {
  /** What each further request carries. */
  readonly headers: readonly string[];
}

/** Opens a session of 2025-11-25 (Streamable HTTP). */
export async function openSession(connection: HttpConnection, url: URL): Promise<Session> {
  const { status, head, body } = await exchange(connection, post(url, initialize));
  if (status !== 200) throw new Error(`initialize was answered with ${status}: ${body.slice(0, 300)}`);
  const id = /\r\nmcp-session-id: *([^\r]+)/i.exec(head)?.[1];
  const version = /"protocolVersion" *: *"([^"]+)"/.exec(body)?.[1] ?? sessionRevision;
  const headers = [`mcp-protocol-version: ${version}`, ...(id === undefined ? [] : [`mcp-session-id: ${id}`])];
  await exchange(connection, post(url, initialized, headers));
  return { headers };
}
