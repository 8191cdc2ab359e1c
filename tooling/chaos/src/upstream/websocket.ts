import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Journal } from './journal.ts';
import { servePipe, type Wire } from './pipes.ts';
import type { Era } from './replies.ts';

const fragment = 'x'.repeat(1024 * 1024);

/** Resolves with the port. */
export function serveWebSocket(era: Era, port: number, journal: Journal): Promise<number> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port,
    handleProtocols: () => 'mcp',
    perMessageDeflate: false,
  });
  server.on('connection', (socket) => {
    socket.on('error', () => socket.terminate());
    const served = servePipe(era, wireOf(socket), journal);
    socket.on('message', (data) => served.message(Buffer.isBuffer(data) ? data.toString() : ''));
    socket.on('close', () => served.over());
  });
  return new Promise((resolve) => {
    server.on('listening', () => resolve((server.address() as AddressInfo).port));
  });
}

function wireOf(socket: WebSocket): Wire {
  return {
    send: (message) => socket.send(message, { binary: false }),
    sendPart: (part) => socket.send(part, { fin: false }),
    trickle(message) {
      const pieces = [...message];
      const last = pieces.pop() ?? '';
      for (const piece of pieces) socket.send(piece, { fin: false });
      socket.send(last);
    },
    flood(bytes) {
      let left = bytes;
      const more = (error?: Error | null): void => {
        if (error || left <= 0) return;
        left -= fragment.length;
        socket.send(fragment, { fin: left <= 0 }, more);
      };
      more();
    },
    noise: () => socket.ping(),
    cut: () => socket.terminate(),
  };
}
