import { command } from '@toolyard/presets/tsup';

export default command({
  entry: 'src/main.ts',
  // Installed too, for the table of its embedder.
  bundle: ['@toolyard/native-index'],
  licenses: { '@cfworker/json-schema': 'licenses/cfworker-json-schema.txt' },
});
