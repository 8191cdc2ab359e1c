import { createJournal } from './journal.ts';
import { serveHttp } from './http.ts';
import { serveStdio } from './stdio.ts';

/** One server that can go wrong. Arguments: wire, era, port. Prints `ready <port>` where it has one. */
const [wire = '', era = '', port = '0'] = process.argv.slice(2);
if (era !== 'modern' && era !== 'legacy') throw new Error(`There is no era ${era}.`);
const journal = createJournal();

if (wire === 'stdio') serveStdio(era, journal);
else {
  const serve = wire === 'ws' ? (await import('./websocket.ts')).serveWebSocket : serveHttp;
  process.stdout.write(`ready ${await serve(era, Number(port), journal)}\n`);
}
