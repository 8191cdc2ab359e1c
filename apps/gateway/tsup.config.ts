import { library } from '@toolyard/presets/tsup';

export default library({ entry: ['src/main.ts'], dts: false });
