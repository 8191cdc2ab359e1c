import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TransportRig } from '@toolyard/contract-tests';
import { rawPipeClient, serveRawPipe, transportContract } from '@toolyard/contract-tests';
import { streamPipe } from '@toolyard/transport-stdio';
import { unixSocketTransport } from './unix-socket-transport.ts';

function unixSocketRig(): TransportRig {
  const transport = unixSocketTransport();
  const opened = new AsyncDisposableStack();
  const newPath = (): string => join(tmpdir(), `toolyard-${randomUUID()}.sock`);
  return {
    transport,
    async listen(service, options) {
      const listener = opened.use(await transport.serve(service, { ...options, path: newPath() }));
      return { target: { url: listener.address }, close: (how) => listener.close(how) };
    },
    async listenRaw(script) {
      const path = newPath();
      const server = createServer((socket) => serveRawPipe(streamPipe(socket, socket, { name: 'a client' }), script));
      opened.defer(() => void server.close());
      await once(server.listen(path), 'listening');
      return { target: { url: `unix://${path}` } };
    },
    async dialRaw({ target }) {
      const socket = dial(new URL('url' in target ? target.url : '').pathname);
      opened.defer(() => void socket.destroy());
      await once(socket, 'connect');
      return rawPipeClient(streamPipe(socket, socket, { name: 'the server', onHalfClose: () => undefined }), {
        end: () => void socket.end(),
      });
    },
    nowhere: async () => ({ url: `unix://${newPath()}` }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

transportContract('unixSocketTransport()', unixSocketRig);
