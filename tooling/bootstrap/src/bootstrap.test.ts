import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeCheckout } from './testing/checkout.ts';

const noRegistry = {
  FAKE_PNPM: 'GET http://127.0.0.1:9/x error: ECONNREFUSED',
  npm_config_registry: 'http://127.0.0.1:9',
};

describe('a command', () => {
  it('installs, builds and runs in a fresh checkout, and leaves stdin and stdout to the program', async () => {
    await using checkout = await makeCheckout();
    const running = checkout.start(['toolyard', 'echo', 'a b', '--json']);
    running.child.stdin.end('from stdin');
    expect(await running.ended).toMatchObject({ code: 0, stdout: '["a b","--json"]\nfrom stdin' });
    expect(await checkout.calls()).toEqual(['install', 'build']);
  });

  it('neither installs nor builds when nothing changed', async () => {
    await using checkout = await makeCheckout();
    await checkout.run(['build']);
    expect(await checkout.run(['toolyard', 'exit', '0'])).toMatchObject({ code: 0, stderr: '' });
    expect(await checkout.calls()).toEqual(['install', 'build']);
  });

  it('builds again when a source changed', async () => {
    await using checkout = await makeCheckout();
    await checkout.run(['build']);
    await checkout.write('apps/gateway/src/other.js', 'export {};');
    await checkout.run(['build']);
    expect(await checkout.calls()).toEqual(['install', 'build', 'build']);
  });

  it('builds again when an output was lost', async () => {
    await using checkout = await makeCheckout();
    await checkout.run(['build']);
    await rm(path.join(checkout.folder, 'apps/gateway/dist'), { recursive: true });
    expect(await checkout.run(['toolyard', 'exit', '0'])).toMatchObject({ code: 0 });
  });

  it('installs again when the lockfile or a manifest changed', async () => {
    await using checkout = await makeCheckout();
    await checkout.run(['build']);
    await checkout.write('pnpm-lock.yaml', 'changed');
    await checkout.run(['build']);
    await checkout.write('tooling/new/package.json', '{}');
    await checkout.run(['build']);
    expect((await checkout.calls()).filter((call) => call === 'install')).toHaveLength(3);
  });

  it('ends with the exit code of the program', async () => {
    await using checkout = await makeCheckout();
    expect(await checkout.run(['toolyard', 'exit', '3'])).toMatchObject({ code: 3 });
  });

  it('shows what does not build, and what to do', async () => {
    await using checkout = await makeCheckout();
    await checkout.write('apps/gateway/src/main.js', 'DOES NOT BUILD');
    const { code, stdout, stderr } = await checkout.run(['start']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      'error in main.js\ntoolyard: The build failed (see above): correct the sources and run the command again.\n',
    );
  });
});

describe('a damaged install', () => {
  it('is replaced when a package lost its manifest', async () => {
    await using checkout = await makeCheckout();
    await checkout.run(['build']);
    await rm(path.join(checkout.folder, 'node_modules/.pnpm/left@1/node_modules/left/package.json'));
    const { code, stderr } = await checkout.run(['build']);
    expect(code).toBe(0);
    expect(stderr).toBe('toolyard: The install is damaged (left is missing); installing again.\n');
    expect(await checkout.calls()).toEqual(['install', 'build', 'install', 'build']);
  });

  it('is replaced when the pinned Node is gone', async () => {
    await using checkout = await makeCheckout();
    await checkout.run(['build']);
    await rm(path.join(checkout.folder, 'node_modules/.bin/node'));
    expect(await checkout.run(['toolyard', 'exit', '0'])).toMatchObject({ code: 0 });
  });

  it('is replaced when a build fails for want of a file inside a package', async () => {
    await using checkout = await makeCheckout();
    await checkout.run(['build']);
    await checkout.write('node_modules/.pnpm/left@1/node_modules/left/index.js', '');
    await checkout.write('apps/gateway/src/other.js', '');
    expect(await checkout.run(['build'])).toMatchObject({ code: 0 });
    const file = path.join(checkout.folder, 'node_modules/.pnpm/left@1/node_modules/left/index.js');
    expect(await readFile(file, 'utf8')).toBe('whole');
  });

  it('is named when the program fails, and replaced by the next command', async () => {
    await using checkout = await makeCheckout();
    await checkout.run(['build']);
    await checkout.write('node_modules/.pnpm/left@1/node_modules/left/index.js', '');
    const failed = await checkout.run(['toolyard', 'exit', '1']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toBe(
      'toolyard: The install was damaged (node_modules/.pnpm/left@1/node_modules/left/index.js is not what was installed): ' +
        'run the command again, and it installs anew.\n',
    );
    await checkout.run(['toolyard', 'exit', '0']);
    expect((await checkout.calls()).filter((call) => call === 'install')).toHaveLength(2);
  });

  it('from an install that was cut short is finished', async () => {
    await using checkout = await makeCheckout();
    await checkout.write('node_modules/.pnpm/left@1/node_modules/left/index.js', 'half');
    expect(await checkout.run(['toolyard', 'exit', '0'])).toMatchObject({ code: 0 });
  });
});

describe('what cannot work', () => {
  it('for want of a registry is said in one sentence', async () => {
    await using checkout = await makeCheckout();
    expect(await checkout.run(['start'], { env: noRegistry })).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr:
        'toolyard: No npm registry could be reached: connect the machine to the network, or name a registry with ' +
        '`npm config set registry <url>`, and run the command again.\n',
    });
    expect(await checkout.calls()).toEqual(['install']);
  });

  it('for want of room is said in one sentence', async () => {
    await using checkout = await makeCheckout();
    const { stderr } = await checkout.run(['start'], { env: { FAKE_PNPM: 'write error: ENOSPC' } });
    expect(stderr).toBe('toolyard: The disk is full: free some space and run the command again.\n');
  });

  it('for no known cause is shown whole, after a second try from nothing', async () => {
    await using checkout = await makeCheckout();
    const { code, stderr } = await checkout.run(['start'], { env: { FAKE_PNPM: 'the moon is full' } });
    expect(code).toBe(1);
    expect(stderr).toBe(
      'the moon is full\ntoolyard: Installing failed: pnpm ended with 1 (see above): ' +
        'delete the folders node_modules and .toolyard, get a current npm, and run the command again.\n',
    );
    expect(await checkout.calls()).toEqual(['install', 'install']);
  });

  it('on an old Node is said in one sentence', async () => {
    await using checkout = await makeCheckout();
    await checkout.write('old.cjs', `Object.defineProperty(process.versions, 'node', { value: '10.24.1' });`);
    const { code, stderr } = await checkout.run(['start'], { nodeFlags: ['--require', './old.cjs'] });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'toolyard: Node 10.24.1 is too old for the set-up: install Node 16 or newer (24 is best) and run the command again.\n',
    });
  });

  it('on another kind of machine is said in one sentence', async () => {
    await using checkout = await makeCheckout();
    await checkout.write('sun.cjs', `Object.defineProperty(process, 'platform', { value: 'sunos' });`);
    const { code, stderr } = await checkout.run(['start'], { nodeFlags: ['--require', './sun.cjs'] });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^toolyard: This machine \(sunos \w+\) has no build of the tools .*: use Linux .*\.\n$/);
    expect(await checkout.calls()).toEqual([]);
  });
});

describe('two commands at once', () => {
  it('install and build once', async () => {
    await using checkout = await makeCheckout();
    const env = { FAKE_SLOW_MS: '300' };
    const both = await Promise.all([1, 2].map(() => checkout.run(['toolyard', 'exit', '0'], { env })));
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(await checkout.calls()).toEqual(['install', 'build']);
  });

  it('do not wait for one that was killed', async () => {
    await using checkout = await makeCheckout();
    const dead = checkout.start(['exit']);
    dead.child.kill('SIGKILL');
    await dead.ended;
    await checkout.write('.toolyard/lock', JSON.stringify({ pid: dead.child.pid, host: hostname() }));
    expect(await checkout.run(['toolyard', 'exit', '0'])).toMatchObject({ code: 0 });
  });

  it('take over a lock that says nothing', async () => {
    await using checkout = await makeCheckout();
    await checkout.write('.toolyard/lock', '');
    expect(await checkout.run(['toolyard', 'exit', '0'])).toMatchObject({ code: 0 });
  });
});
