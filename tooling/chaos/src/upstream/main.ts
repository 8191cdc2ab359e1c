import { createJournal } from './journal.ts';
import { serveGrpc } from './grpc.ts';
import { serveHttp } from './http.ts';
import { serveStdio } from './stdio.ts';
import { serveWebSocket } from './websocket.ts';

/** One server that can go wrong. Arguments: wire, era, port. Prints `ready <port>` where it has one. */
const [wire = '', era = '', port = '0'] = process.argv.slice(2);
if (era !== 'modern' && era !== 'legacy') throw new Error(`There is no era ${era}.`);
const journal = createJournal();

if (wire === 'stdio') serveStdio(era, journal);
else {
  // It ends with who started it, however that ended.
  process.stdin.resume().on('close', () => process.exit());
  const serve = { ws: serveWebSocket, grpc: serveGrpc, http: serveHttp }[wire];
  if (serve === undefined) throw new Error(`There is no wire ${wire}.`);
  process.stdout.write(`ready ${await serve(era, Number(port), journal)}\n`);
}
