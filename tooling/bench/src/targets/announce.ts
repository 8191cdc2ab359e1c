import type { Server } from 'node:net';

/** Listens on a free port of the loopback interface and says where. */
export function announce(server: Server): void {
  server.listen(0, '127.0.0.1', 4_096, () => {
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    process.stdout.write(`ready http://127.0.0.1:${address.port}/mcp\n`);
  });
}
