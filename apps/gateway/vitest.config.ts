import { nodeTests } from '@toolyard/presets/vitest';

// The end-to-end tests in `test/` start real servers and the gateway many times, and some of them measure: one file after the other.
export default nodeTests({
  include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  fileParallelism: false,
});
