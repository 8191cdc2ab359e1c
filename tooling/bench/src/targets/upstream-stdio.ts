/** The same server over stdin and stdout, a line for each message. It answers at once, in order, and costs next to nothing. */
import { answerBody } from './answers.ts';

let pending = '';
process.stdin.setEncoding('latin1');
process.stdin.on('data', (chunk: string) => {
  const lines = (pending + chunk).split('\n');
  pending = lines.pop() ?? '';
  const answers = lines.map((line) => answerBody(/"method" *: *"([^"]+)"/.exec(line)?.[1] ?? '', line).json);
  if (answers.length > 0) process.stdout.write(`${answers.join('\n')}\n`, 'latin1');
});
process.stdin.on('end', () => process.exit(0));
