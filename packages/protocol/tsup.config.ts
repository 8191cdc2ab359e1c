import { library } from '@toolyard/presets/tsup';

export default library({ entry: { index: 'src/index.ts', 'sdk/index': 'src/sdk/index.ts' } });
