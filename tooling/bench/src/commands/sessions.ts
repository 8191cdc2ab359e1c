import { parseArgs } from 'node:util';
import { markdownTable, whole } from '../figures/markdown.ts';
import { exchange, HttpConnection } from '../load/http-connection.ts';
import { withoutBody } from '../load/messages.ts';
import { openSession } from '../load/session.ts';
import type { HeapFigures } from '../targets/heap-probe.ts';
import { heldBy, probed } from './heap.ts';
import { openBenchYard } from './bench-yard.ts';
import { programs } from './places.ts';

export const sessionsUsage = `npm run bench -- sessions [--sessions 5000] [--snapshot FILE]

  What the gateway holds for an idle session of a client before 2026-07-28, after full collections: without an event stream, with one, with an idle socket alone for comparison, and after their end.
  --snapshot writes a heap snapshot of the gateway with all sessions open, before their streams.
`;

/** How many are opened at a time. */
const wide = 50;

/** Opens sessions and prints what each of them costs in memory. */
export async function benchSessions(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { sessions: { type: 'string', default: '5000' }, snapshot: { type: 'string' } },
  });
  const count = Number(values.sessions);
  await using yard = await openBenchYard();
  const upstream = await yard.start(1, [programs.upstream]);
  const gateway = await yard.startGateway({ servers: { bench: { url: upstream.url } }, ...probed }, { ipc: true });
  const url = new URL(gateway.url);
  const open = async (number: number): Promise<readonly string[]> => {
    const sessions: string[] = [];
    let begun = 0;
    await overConnections(url, async (connection) => {
      while (begun < number) {
        begun += 1;
        sessions.push((await openSession(connection, url)).headers.join('\r\n'));
      }
    });
    return sessions;
  };
  const endAll = (sessions: readonly string[]): Promise<void> => {
    const left = [...sessions];
    return overConnections(url, async (connection) => {
      for (let headers = left.pop(); headers !== undefined; headers = left.pop())
        await exchange(connection, withoutBody('DELETE', url, [headers]));
    });
  };

  // What is compiled and made once is no session's.
  await endAll(await open(500));
  const before = await heldBy(gateway);
  const sessions = await open(count);
  const without = await heldBy(gateway);
  if (values.snapshot !== undefined) await gateway.ask(values.snapshot);
  const streams = await Promise.all(sessions.map((headers) => openStream(url, headers)));
  const withStreams = await heldBy(gateway);
  for (const stream of streams) stream.close();
  const left = await heldBy(gateway);
  const sockets = Array.from({ length: count }, () => new HttpConnection(url));
  await Promise.all(sockets.map((socket) => exchange(socket, withoutBody('GET', new URL('/health/live', url)))));
  const withSockets = await heldBy(gateway);
  for (const socket of sockets) socket.close();
  await endAll(sessions);
  const after = await heldBy(gateway);

  const row = (what: string, now: HeapFigures, then: HeapFigures): readonly string[] => [
    what,
    whole((now.heldBytes - then.heldBytes) / count),
    whole((now.residentBytes - then.residentBytes) / count),
  ];
  const rows = [
    row('a session without an event stream', without, before),
    row('its event stream, with the socket, in addition', withStreams, without),
    row('an idle keep-alive socket', withSockets, left),
    row('left over once the session has ended', after, before),
  ];
  const heads = [`${whole(count)} idle sessions`, 'bytes held each:', 'bytes resident each:'];
  process.stdout.write(markdownTable(heads, rows));
}

/** The server closes connections that idle for some seconds: they are opened for each use. */
async function overConnections(url: URL, work: (connection: HttpConnection) => Promise<void>): Promise<void> {
  const one = async (): Promise<void> => {
    const connection = new HttpConnection(url);
    await work(connection);
    connection.close();
  };
  await Promise.all(Array.from({ length: wide }, one));
}

/** Resolves when the stream stands. */
async function openStream(url: URL, headers: string): Promise<HttpConnection> {
  const connection = new HttpConnection(url);
  await new Promise<void>((resolve, reject) => {
    connection.send(withoutBody('GET', url, [headers]), {
      begun: resolve,
      part() {},
      done: ({ status }) => reject(new Error(`the stream ended with status ${status}`)),
      failed: reject,
    });
  });
  return connection;
}
