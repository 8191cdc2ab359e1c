/** The floor where the client is a process: lines of stdin to undici's `dispatch`, bodies to stdout, bytes copied, nothing parsed. */
import { Pool } from 'undici';
import { isNotification } from './answers.ts';

const upstream = new URL(process.argv[2] ?? '');
const pool = new Pool(upstream.origin, { connections: 64, pipelining: 1 });
const newline = Buffer.from('\n');
let pending = '';

function relay(line: string): void {
  const chunks: Buffer[] = [];
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  pool.dispatch(
    { method: 'POST', path: upstream.pathname, headers, body: line },
    {
      onRequestStart() {},
      onResponseStart() {},
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        if (chunks.length > 0) process.stdout.write(Buffer.concat([...chunks, newline]));
      },
      onResponseError(_controller, error) {
        process.stderr.write(`${error.message}\n`);
      },
    },
  );
}

process.stdin.setEncoding('latin1').on('data', (chunk: string) => {
  const lines = (pending + chunk).split('\n');
  pending = lines.pop() ?? '';
  for (const line of lines) if (!isNotification(line)) relay(line);
});
process.stdin.on('end', () => process.exit(0));
