import { transportContract } from '@toolyard/contract-tests';
import { relayRig } from './testing/relay-rig.ts';

transportContract('stdioTransport()', relayRig);
