import { transportContract } from '@toolyard/contract-tests';
import { httpRig } from './testing/http-rig.ts';

transportContract('httpTransport()', httpRig, {
  'closed resolves with the reason when the server is gone, and later calls fail with UPSTREAM_CLOSED':
    'one broken exchange is not the end of a server that still listens; what ends a connection is tested in connect-modern.test.ts',
});
