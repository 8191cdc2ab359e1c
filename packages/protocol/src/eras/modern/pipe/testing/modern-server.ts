import type { Connection } from '../../../../transport.ts';
import { discoverResult, pipeSource } from '../../../../testing/pipes.ts';
import type { WireEnd } from '../../../../testing/wire-end.ts';
import { connectPipe } from '../../../pipe/connect-pipe.ts';
import type { PipeConnectOptions } from '../../../pipe/pipe-options.ts';

export interface Rig extends AsyncDisposable {
  readonly connection: Connection;
  readonly end: WireEnd;
}

export async function modern(options: Partial<PipeConnectOptions> = {}): Promise<Rig> {
  const source = pipeSource();
  const connecting = connectPipe(source.open, {
    upstream: 'files',
    clientInfo: { name: 'toolyard', version: '1.0.0' },
    wire: 'memory',
    ...options,
  });
  const end = await source.end();
  await end.answer(discoverResult);
  const connection = await connecting;
  return { connection, end, [Symbol.asyncDispose]: () => connection.close() };
}
