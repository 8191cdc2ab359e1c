import type { Transport } from '@toolyard/protocol';
import { httpTransport } from '@toolyard/transport-http';

/** The transport with which the commands talk to a running gateway. */
export function createClientTransport(): Transport {
  return httpTransport();
}
