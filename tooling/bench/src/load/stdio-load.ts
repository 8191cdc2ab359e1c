/**
 * Load for what is itself a server on stdin and stdout: starts it on core 0 and keeps so many calls under way over its one pipe. Its only argument is what to do, as JSON
 * (`StdioOrder`); prints one JSON line of figures.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onCore } from '../processes/cores.ts';
import { endWithUs, exitOnSignals } from '../processes/end-with-us.ts';
import type { Caller } from './caller.ts';
import { closedLoop } from './closed-loop.ts';
import { echoArguments, echoIn, initialize, initialized, modernMeta } from './messages.ts';

export interface StdioOrder {
  /** For Node. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly speech: 'modern' | 'session';
  readonly connections: number;
  readonly seconds: number;
  readonly warmSeconds: number;
}

const patienceMs = 60_000;

exitOnSignals();
const order = JSON.parse(process.argv[2] ?? '') as StdioOrder;
const [command, args] = onCore(0, order.args);
const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...order.env } });
const { end } = endWithUs(child);
let said = '';
child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-600)));
const waiting = new Map<string, (answer: string) => void>();
createInterface({ input: child.stdout }).on('line', (line) => {
  const id = line.includes('"method"') ? undefined : /"id" *: *(\d+)/.exec(line)?.[1];
  if (id === undefined) return;
  const done = waiting.get(id);
  waiting.delete(id);
  done?.(line);
});
const giveUp = setTimeout(() => fail('it did not answer'), patienceMs);
child.once('exit', (code) => fail(`it ended with ${code}`));

function fail(why: string): void {
  process.stderr.write(`Error: ${why}: ${said.trim().replaceAll(/\s+/g, ' ')}\n`);
  process.exit(1);
}

let lastId = 0;
function ask(message: string, done: (answer: string) => void): void {
  lastId += 1;
  waiting.set(String(lastId), done);
  child.stdin.write(message.replace('"id":0', `"id":${lastId}`));
}

const modern = order.speech === 'modern';
const encode = (message: object): string => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
const request = (method: string, params: object): string =>
  encode({ id: 0, method, params: modern ? { ...params, _meta: modernMeta } : params });

if (!modern) {
  await new Promise<string>((resolve) => ask(encode(initialize), resolve));
  child.stdin.write(encode(initialized));
}
const name = echoIn(await new Promise<string>((resolve) => ask(request('tools/list', {}), resolve)));
const call = request('tools/call', { name, arguments: echoArguments });
const callers: readonly Caller[] = Array.from({ length: order.connections }, () => ({
  call: (done) =>
    ask(call, (answer) =>
      done(answer.includes('"result"') && !answer.includes('"isError":true') ? undefined : answer.slice(0, 300)),
    ),
  async close() {},
}));
const pid = child.pid ?? 0;
await closedLoop({ callers, pid, seconds: order.warmSeconds });
clearTimeout(giveUp);
const figures = await closedLoop({ callers, pid, seconds: order.seconds });
child.removeAllListeners('exit');
await end();
process.stdout.write(`${JSON.stringify(figures)}\n`);
