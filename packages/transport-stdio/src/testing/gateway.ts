// A process with children of its own, to be killed. Arguments: how many children, and a number that marks their command lines.
import { startChild } from '../process/child.ts';
import { createGuardian } from '../process/guardian.ts';

const [count = '1', mark = '0'] = process.argv.slice(2);
const guardian = createGuardian();
// Ignores the end of stdin and SIGTERM, and has a child of its own that does the same.
const script = `trap '' TERM; sleep ${mark} & while :; do sleep ${mark}; done`;

console.log('starting');
await Promise.all(
  Array.from({ length: Number(count) }, () =>
    startChild(
      { command: 'sh', args: ['-c', script] },
      { upstream: 'u', environment: process.env, guardian, stdinGraceMs: 100, termGraceMs: 100 },
    ),
  ),
);
console.log(`started guardian ${guardian.pid}`);
setInterval(() => {}, 1_000);
