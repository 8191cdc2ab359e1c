import { expectCompiled } from '@toolyard/presets/assemblyscript';
import { test } from 'vitest';

test('the module that is committed is what the AssemblyScript compiles to', { timeout: 60_000 }, () =>
  expectCompiled(import.meta.url, 'scan', ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '32768']),
);
