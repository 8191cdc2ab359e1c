import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wordHashEmbedder } from '@toolyard/contract-tests';

export interface Asked {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly model: string; readonly input: string[]; readonly [member: string]: unknown };
}

export interface EmbeddingsServer extends AsyncDisposable {
  /** What an embedder is pointed to. */
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Answers the next request in another way; more than one wait in a row. */
  next(answer: (response: ServerResponse, asked: Asked) => void): void;
}

export const dimension = 24;

/** An endpoint like OpenAI's over `wordHashEmbedder`, on loopback. Like some, it lists the vectors in any order. */
export async function embeddingsServer(): Promise<EmbeddingsServer> {
  const embedder = wordHashEmbedder({ dimension, batchSize: 1_000 });
  const asked: Asked[] = [];
  const answers: ((response: ServerResponse, asked: Asked) => void)[] = [];
  const good = async (response: ServerResponse, { body }: Asked): Promise<void> => {
    if (body.input.includes('')) return void response.writeHead(400).end('{"error":{"message":"empty input"}}');
    const vectors = await embedder.embed(body.input, 'document');
    const data = vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: [...vector.map((x) => x * 3)],
    }));
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ object: 'list', data: data.toReversed() }));
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Asked['body'];
      const one: Asked = { path: request.url, headers: request.headers, body };
      asked.push(one);
      const answer = answers.shift();
      if (answer === undefined) void good(response, one);
      else answer(response, one);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    next: (answer) => void answers.push(answer),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
