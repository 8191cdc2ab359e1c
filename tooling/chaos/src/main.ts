import { parseArgs } from 'node:util';
import { report } from './report.ts';
import { soak } from './soak.ts';

const usage = `npm run chaos -- [--seconds 600] [--seed N] [--slow 10000]

  Calls servers that fail in every way, through every door of the gateway, and checks each reply. Ends with 1 where anything was wrong.
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string' },
    slow: { type: 'string', default: '10000' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(usage);
else {
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const [seconds, slow] = [Number(values.seconds), Number(values.slow)];
  const say = (line: string): void =>
    void process.stderr.write(`${(process.uptime() | 0).toString().padStart(4)} s  ${line}\n`);
  say(`seed ${seed}`);
  const figures = await soak({ seconds, seed, slow, say });
  process.stdout.write(`${report(figures)}\n`);
  if (figures.ledger.violationCount > 0) {
    process.stdout.write(`To repeat it: npm run chaos -- --seconds ${seconds} --slow ${slow} --seed ${seed}\n`);
    process.exitCode = 1;
  }
}
