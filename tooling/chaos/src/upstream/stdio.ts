import type { Journal } from './journal.ts';
import { servePipe } from './pipes.ts';
import type { Era } from './replies.ts';

const block = Buffer.alloc(1024 * 1024, 'x');

/** On stdin and stdout. */
export function serveStdio(era: Era, journal: Journal): void {
  const { stdin, stdout } = process;
  stdout.on('error', () => process.exit());
  const served = servePipe(
    era,
    {
      send: (message) => void stdout.write(Buffer.concat([Buffer.from(message), Buffer.from('\n')])),
      sendPart: (part) => void stdout.write(part),
      // Others' messages may not come between the pieces, so they leave one after the other in one go.
      trickle(message) {
        for (const byte of Buffer.from(`${message}\n`)) stdout.write(Buffer.of(byte));
      },
      flood(bytes) {
        let left = bytes;
        const more = (): void => {
          while (left > 0) {
            left -= block.length;
            if (!stdout.write(block)) return void stdout.once('drain', more);
          }
          stdout.write('\n');
        };
        more();
      },
      noise: () => void stdout.write('Listening…\n\n[debug] \u0007 {not json}\n'),
      cut() {
        stdin.destroy();
        stdout.end();
        stdout.destroy();
      },
    },
    journal,
  );
  // Not `readline`: it ends lines at U+2028, too, which may stand in JSON.
  let pending = '';
  stdin.setEncoding('utf8');
  stdin.on('data', (chunk: string) => {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) served.message(line);
  });
  stdin.on('close', () => {
    served.over();
    process.exit();
  });
}
