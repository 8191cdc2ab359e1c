import { nodeTests } from './vitest.ts';

const config: ReturnType<typeof nodeTests> = nodeTests({ include: ['test/**/*.test.ts'] });

export default config;
