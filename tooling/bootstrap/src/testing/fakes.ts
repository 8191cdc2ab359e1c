/** Stands in for pnpm: makes an install of the fewest parts, and notes that it did. `FAKE_PNPM` is what it prints when it is to fail. */
export const fakePnpm = `
import fs from 'node:fs';
fs.appendFileSync('calls.log', 'install\\n');
if (process.env.FAKE_PNPM !== undefined) {
  console.log(process.env.FAKE_PNPM);
  process.exit(1);
}
await new Promise((resolve) => setTimeout(resolve, Number(process.env.FAKE_SLOW_MS ?? 0)));
for (const folder of ['node_modules/.bin', 'node_modules/.pnpm/left@1/node_modules/left', 'apps/gateway/node_modules']) {
  fs.mkdirSync(folder, { recursive: true });
}
fs.writeFileSync('node_modules/.modules.yaml', 'x');
fs.writeFileSync('node_modules/.pnpm/left@1/node_modules/left/package.json', '{}');
fs.writeFileSync('node_modules/.pnpm/left@1/node_modules/left/index.js', 'whole');
fs.rmSync('apps/gateway/node_modules/left', { force: true });
fs.symlinkSync('../../../node_modules/.pnpm/left@1/node_modules/left', 'apps/gateway/node_modules/left');
fs.rmSync('node_modules/.bin/node', { force: true });
fs.symlinkSync(process.execPath, 'node_modules/.bin/node');
fs.writeFileSync('node_modules/.bin/turbo', '#!/bin/sh\\nexec "' + process.execPath + '" fakes/turbo.mjs "$@"\\n', { mode: 0o755 });
`;

/** Stands in for turbo: copies the program, unless its source does not build or the package it needs is not whole. */
export const fakeTurbo = `
import fs from 'node:fs';
fs.appendFileSync('calls.log', 'build\\n');
const source = fs.readFileSync('apps/gateway/src/main.js', 'utf8');
const left = fs.readFileSync('node_modules/.pnpm/left@1/node_modules/left/index.js', 'utf8');
if (source.includes('DOES NOT BUILD') || left !== 'whole') {
  console.log('error in main.js');
  process.exit(1);
}
fs.mkdirSync('apps/gateway/dist', { recursive: true });
fs.writeFileSync('apps/gateway/dist/main.js', source);
`;

/** What is started: \`echo\` prints its arguments and what comes in, \`exit N\` ends with N, \`up\` stays until it is told to stop. */
export const program = `
const [verb, ...rest] = process.argv.slice(2);
if (verb === 'echo') {
  process.stdout.write(JSON.stringify(rest) + '\\n');
  process.stdin.pipe(process.stdout);
} else if (verb === 'exit') {
  process.exitCode = Number(rest[0]);
} else {
  let heard = 0;
  const open = setInterval(() => undefined, 1000);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      heard += 1;
      if (heard > 1) return;
      setTimeout(() => {
        clearInterval(open);
        console.log(signal + ' ' + heard);
        process.exitCode = 7;
      }, 300);
    });
  }
  console.log('ready ' + process.pid);
}
`;
