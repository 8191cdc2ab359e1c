import { expect, test } from 'vitest';
import { cleanEnvironment } from './clean-environment.ts';

test('passes on harmless names only', () => {
  const inherited = {
    HOME: '/h',
    PATH: '/p',
    LC_TIME: 'C',
    TZ: 'UTC',
    AWS_SECRET_ACCESS_KEY: 'x',
    NODE_OPTIONS: '-r evil',
    LD_PRELOAD: 'evil.so',
    TERM: undefined,
  };
  expect(cleanEnvironment(inherited, {}, 'linux')).toEqual({ HOME: '/h', PATH: '/p', LC_TIME: 'C', TZ: 'UTC' });
});

test('what the definition names is added and wins', () => {
  expect(cleanEnvironment({ PATH: '/p' }, { PATH: '/mine', TOKEN: 't' }, 'linux')).toEqual({
    PATH: '/mine',
    TOKEN: 't',
  });
});

test('an exported shell function stays out', () => {
  expect(cleanEnvironment({ TERM: '() { :; }; evil' }, {}, 'linux')).toEqual({});
});

test('knows what a process on Windows cannot do without, in any case', () => {
  expect(cleanEnvironment({ Path: 'C:\\', SystemRoot: 'C:\\Windows', SECRET: 'x' }, {}, 'win32')).toEqual({
    Path: 'C:\\',
    SystemRoot: 'C:\\Windows',
  });
});
