import { transportContract } from '@toolyard/contract-tests';
import { wsRig } from './testing/ws-rig.ts';

transportContract('wsTransport()', wsRig, {});
