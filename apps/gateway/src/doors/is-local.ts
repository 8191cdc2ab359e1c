import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Whether a request comes from this machine. One that a proxy passes on may come from anywhere. */
export function isLocal({ socket: { remoteAddress }, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): boolean {
  const passedOn = headers.forwarded ?? headers['x-forwarded-for'] ?? headers.via;
  return (
    passedOn === undefined &&
    remoteAddress !== undefined &&
    loopback.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4')
  );
}
