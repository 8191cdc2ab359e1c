import { library } from '@toolyard/presets/tsup';

export default library();
