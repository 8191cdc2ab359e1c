import { nodeTests } from '@toolyard/presets/vitest';

export default nodeTests();
