import type { HttpAnswer } from './http-connection.ts';
import { exchange, HttpConnection } from './http-connection.ts';
import { echoArguments, echoIn, modernPost, post, withoutBody } from './messages.ts';
import { openSession } from './session.ts';
import { openSse } from './sse.ts';

/** One client that calls the same tool again and again, one call at a time. */
export interface Caller {
  /** `problem`: what was wrong with the answer, if anything. */
  call(done: (problem: string | undefined) => void): void;
  /** Ends its session, and resolves when its server has heard of it. */
  close(): Promise<void>;
}

/** How a target is spoken to: 2026-07-28; a session of Streamable HTTP; a session of HTTP+SSE. */
export type Speech = 'modern' | 'session' | 'sse';

/** Connects a client and finds out what the tool is called. */
export async function openCaller(speech: Speech, url: URL): Promise<Caller> {
  if (speech === 'sse') return openSse(url);
  let connection = new HttpConnection(url);
  const { call, farewell } = await (speech === 'modern' ? modernWords : sessionWords)(connection, url);
  return {
    call(done) {
      // Servers shut connections that idle for some seconds, as they do while many sessions are opened.
      if (!connection.usable) connection = new HttpConnection(url);
      connection.send(call, {
        done: (answer) => done(problemOf(answer)),
        failed: (reason) => done(reason.message),
      });
    },
    async close() {
      // Where it cannot be said, the connection is gone already.
      if (farewell !== undefined && connection.usable) await exchange(connection, farewell).catch(() => undefined);
      connection.close();
    },
  };
}

interface Words {
  readonly call: Buffer;
  readonly farewell?: Buffer;
}

async function modernWords(connection: HttpConnection, url: URL): Promise<Words> {
  const { body } = await exchange(connection, modernPost(url, 'tools/list'));
  return { call: modernPost(url, 'tools/call', { name: echoIn(body), arguments: echoArguments }) };
}

async function sessionWords(connection: HttpConnection, url: URL): Promise<Words> {
  const { headers } = await openSession(connection, url);
  const { body } = await exchange(connection, post(url, { id: 1, method: 'tools/list', params: {} }, headers));
  const params = { name: echoIn(body), arguments: echoArguments };
  return {
    call: post(url, { id: 2, method: 'tools/call', params }, headers),
    farewell: withoutBody('DELETE', url, headers),
  };
}

function problemOf({ status, head, body }: HttpAnswer): string | undefined {
  if (status === 200 && body.includes('"result"') && !body.includes('"isError":true')) return undefined;
  return `${head.slice(0, 60)} ${body.slice(0, 300)}`;
}
