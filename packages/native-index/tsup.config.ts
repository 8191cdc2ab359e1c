import { library } from '@toolyard/presets/tsup';

export default library({
  entry: { index: 'src/index.ts', 'evaluate/index': 'src/evaluate/index.ts', 'tuning/index': 'src/tuning/index.ts' },
});
