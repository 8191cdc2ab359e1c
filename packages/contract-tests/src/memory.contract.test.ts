import { transportContract } from './index.ts';
import { memoryRig } from './testing/memory-rig.ts';

transportContract('memoryTransport()', memoryRig, {
  'a client that has only said that it will send no more still gets its answers': 'a pipe in memory closes as a whole',
});
