import { transportContract } from '@toolyard/contract-tests';
import { grpcRig } from './testing/grpc-rig.ts';

transportContract('grpcTransport()', grpcRig);
