import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { exchange, HttpConnection } from './http-connection.ts';

async function served(
  answer: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly connection: HttpConnection }> {
  const server = createServer((socket) => void socket.on('data', () => answer(socket)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const connection = new HttpConnection(new URL(`http://127.0.0.1:${port}/`));
  return {
    connection,
    async [Symbol.asyncDispose]() {
      connection.close();
      server.close();
      await once(server, 'close');
    },
  };
}

it('reads bodies by length and in chunks, however they are cut, one after the other', async () => {
  const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
  const chunked = 'HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na\r\n\r\n1;x=y\r\nb\r\n0\r\n\r\n';
  const answers = [whole, chunked, whole];
  await using rig = await served((socket) => {
    for (const character of answers.shift() ?? '') socket.write(character);
  });
  expect(await exchange(rig.connection, 'x')).toMatchObject({ status: 200, body: 'hello' });
  expect(await exchange(rig.connection, 'x')).toMatchObject({ status: 404, body: 'a\r\nb' });
  expect(await exchange(rig.connection, 'x')).toMatchObject({ status: 200, body: 'hello' });
});

it('fails a request whose connection is cut', async () => {
  await using rig = await served((socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe'));
  await expect(exchange(rig.connection, 'x')).rejects.toThrow('the connection was closed');
  await expect(exchange(rig.connection, 'x')).rejects.toThrow('the connection was closed');
});
