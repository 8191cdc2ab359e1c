import { expect } from 'vitest';
import type { Pipe } from '../../../../pipe.ts';
import { testCall, type TestCall } from '../../../../testing/call.ts';
import { initializeResult, pipeSource, type PipeSource } from '../../../../testing/pipes.ts';
import type { WireEnd } from '../../../../testing/wire-end.ts';
import type { Connection } from '../../../../transport.ts';
import type { PipeConnectOptions } from '../../../pipe/pipe-options.ts';
import { connectSessions } from '../client.ts';
import type { SessionPoolOptions } from '../sessions/session-pool-options.ts';

export interface PoolRig extends AsyncDisposable {
  readonly connection: Connection;
  readonly source: PipeSource;
  /** The far end of the first session. */
  readonly first: WireEnd;
  /** The far end of the n-th session, after its handshake. */
  session(n: number, capabilities?: string): Promise<WireEnd>;
}

export interface PoolRigOptions extends SessionPoolOptions {
  /** Of the server. */
  readonly capabilities?: string;
  readonly open?: (signal: AbortSignal) => Promise<Pipe>;
}

export async function poolRig(given: PoolRigOptions = {}, options: Partial<PipeConnectOptions> = {}): Promise<PoolRig> {
  const { capabilities: offered = '{"tools":{"listChanged":true}}', open, ...sessions } = given;
  const hello = initializeResult(offered);
  const source = pipeSource();
  const opened = source.end(0);
  const connecting = connectSessions(await source.open(), open ?? source.open, {
    upstream: 'old',
    clientInfo: { name: 'toolyard', version: '1.0.0' },
    wire: 'memory',
    sessions,
    ...options,
  });
  const first = await opened;
  await first.answer(hello);
  await first.next();
  const connection = await connecting;
  return {
    connection,
    source,
    first,
    async session(n, capabilities) {
      const end = await source.end(n);
      const offer = await end.answer(hello);
      if (capabilities !== undefined) expect(offer).toContain(`"capabilities":${capabilities},`);
      await end.next();
      return end;
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

export const tool = (overrides: Parameters<typeof testCall>[1] = {}): TestCall =>
  testCall('tools/call', { params: { name: 'a' }, ...overrides });
/** What a caller declares who can fill in forms, and nothing else. */
export const forms = { elicitation: {} };
/** The answer to a call of a tool. */
export const done = '"result":{"content":[]}';
