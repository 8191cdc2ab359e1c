/** The same server over stdin and stdout, a line for each message. It costs next to nothing, and answers in order: at once, or calls after `BENCH_DELAY_MS`. */
import { answerBody, isNotification } from './answers.ts';

const delayMs = Number(process.env['BENCH_DELAY_MS'] ?? 0);
let pending = '';

function write(answers: readonly string[]): void {
  if (answers.length > 0) process.stdout.write(`${answers.join('\n')}\n`, 'latin1');
}

process.stdin.setEncoding('latin1');
process.stdin.on('data', (chunk: string) => {
  const lines = (pending + chunk).split('\n');
  pending = lines.pop() ?? '';
  const requests = lines
    .filter((line) => !isNotification(line))
    .map((line) => ({
      line,
      method: /"method" *: *"([^"]+)"/.exec(line)?.[1] ?? '',
    }));
  const slow = delayMs === 0 ? [] : requests.filter(({ method }) => method === 'tools/call');
  const answered = requests.filter((request) => !slow.includes(request));
  write(answered.map(({ method, line }) => answerBody(method, line).json));
  if (slow.length > 0) setTimeout(() => write(slow.map(({ method, line }) => answerBody(method, line).json)), delayMs);
});
process.stdin.on('end', () => process.exit(0));
