/** Many calls at once, each on a connection of its own. Its only argument is what to do, as JSON (`SlowOrder`); prints one JSON line (`SlowFigures`). */
import { percentile } from '../figures/percentile.ts';
import { cpuSeconds, type Memory, memoryOf } from '../processes/usage.ts';
import { exchange, HttpConnection } from './http-connection.ts';
import { echoArguments, echoIn, modernPost } from './messages.ts';

export interface SlowOrder {
  readonly url: string;
  readonly pid: number;
  readonly calls: number;
  /** When what is not answered is given up. */
  readonly timeoutMs: number;
}

export interface SlowFigures {
  readonly answered: number;
  readonly failed: number;
  readonly firstFailure: string;
  /** Until all connections stood; then every call was sent. */
  readonly connectedMs: number;
  readonly mostOpen: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly totalMs: number;
  /** When the first call was over. */
  readonly memory: Memory;
  readonly cpuSeconds: number;
}

/** Connections opened at a time: many more would not fit into the backlog of a socket that listens. */
const wide = 200;

const { url: address, pid, calls, timeoutMs } = JSON.parse(process.argv[2] ?? '') as SlowOrder;
const url = new URL(address);
const asking = new HttpConnection(url);
const name = echoIn((await exchange(asking, modernPost(url, 'tools/list'))).body);
asking.close();
const request = modernPost(url, 'tools/call', { name, arguments: echoArguments });

const latencies: number[] = [];
let failed = 0;
let firstFailure = '';
let open = 0;
let mostOpen = 0;
let memory: Memory | undefined;
const over = Promise.withResolvers<void>();
const began = performance.now();
const cpuBefore = cpuSeconds(pid);

function settle(problem: string | undefined, sentAt: number): void {
  open -= 1;
  memory ??= memoryOf(pid);
  if (problem === undefined) latencies.push(performance.now() - sentAt);
  else {
    failed += 1;
    firstFailure ||= problem;
  }
  if (latencies.length + failed === calls) over.resolve();
}

function call(connection: HttpConnection): void {
  const sentAt = performance.now();
  connection.send(request, {
    done({ status, body }) {
      connection.close();
      settle(status === 200 && body.includes('"result"') ? undefined : `${status} ${body.slice(0, 200)}`, sentAt);
    },
    failed: (reason) => settle(reason.message, sentAt),
  });
}

/** A connection that waited too long for its turn may have been shut: that is no call that was lost. */
async function begin(connection: HttpConnection): Promise<void> {
  open += 1;
  mostOpen = Math.max(mostOpen, open);
  const sentAt = performance.now();
  try {
    call(connection.usable ? connection : await HttpConnection.open(url));
  } catch (error) {
    settle(error instanceof Error ? error.message : String(error), sentAt);
  }
}

const connections: HttpConnection[] = [];
let opening = 0;
await Promise.all(
  Array.from({ length: wide }, async () => {
    while (opening < calls) {
      opening += 1;
      connections.push(await HttpConnection.open(url));
    }
  }),
);
const connectedMs = performance.now() - began;
for (const connection of connections) void begin(connection);
const giveUp = setTimeout(() => over.resolve(), timeoutMs);
await over.promise;
clearTimeout(giveUp);
const figures: SlowFigures = {
  answered: latencies.length,
  failed: calls - latencies.length,
  firstFailure: failed === 0 && latencies.length < calls ? 'no answer' : firstFailure,
  connectedMs,
  mostOpen,
  p50Ms: percentile(latencies, 50),
  p99Ms: percentile(latencies, 99),
  totalMs: performance.now() - began,
  memory: memory ?? memoryOf(pid),
  cpuSeconds: cpuSeconds(pid) - cpuBefore,
};
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
