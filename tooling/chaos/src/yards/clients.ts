import type { Transport } from '@toolyard/protocol';
import { type Door, serviceDoor } from '../load/door.ts';

export const info = { name: 'chaos', version: '1.0.0' };

export interface ClientOptions {
  /** Of the door, for people. */
  readonly kind: string;
  readonly transport: Transport;
  readonly url: string;
  readonly count: number;
  /** By a header, where the gateway tells callers apart by it. */
  readonly principals: boolean;
}

/** So many clients of one door, each a principal of its own where there are any. They are closed with the stack. */
export function openClients(
  stack: AsyncDisposableStack,
  { kind, transport, url, count, principals }: ClientOptions,
): Promise<readonly Door[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const principal = principals ? `${kind} ${at}` : 'anonymous';
      const target = { url, headers: { 'x-principal': principal } };
      const given = { upstream: 'gateway', clientInfo: info, timeoutMs: 120_000 };
      const connection = stack.use(await transport.connect(target, given));
      return serviceDoor(kind, connection.service, () => principal);
    }),
  );
}
