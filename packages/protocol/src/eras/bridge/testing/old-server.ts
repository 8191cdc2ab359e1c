import { expect } from 'vitest';
import type { Call } from '../../../call.ts';
import { createPipePair } from '../../../memory/pipe-pair.ts';
import type { Pipe } from '../../../pipe.ts';
import { testCall } from '../../../testing/call.ts';
import { initializeResult } from '../../../testing/pipes.ts';
import { wireEnd, type WireEnd } from '../../../testing/wire-end.ts';
import type { Connection } from '../../../transport.ts';
import { connectLegacy } from '../../legacy/client/client.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import { createParking, type Parking } from '../parking.ts';

export interface Rig extends AsyncDisposable {
  readonly connection: Connection;
  readonly end: WireEnd;
  readonly parking: Parking;
}

/** `over`: what the messages of our side go through first. */
export async function session(
  options: Partial<PipeConnectOptions> = {},
  over: (pipe: Pipe) => Pipe = (pipe) => pipe,
): Promise<Rig> {
  const [near, far] = createPipePair();
  const end = wireEnd(far);
  const parking = options.parking ?? createParking();
  const connecting = connectLegacy(over(near), {
    upstream: 'old',
    clientInfo: { name: 'toolyard', version: '1.0.0' },
    wire: 'memory',
    parking,
    ...options,
  });
  await end.answer(initializeResult('{"tools":{}}'));
  await end.next();
  const connection = await connecting;
  return { connection, end, parking, [Symbol.asyncDispose]: () => connection.close() };
}

export const everything = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
export const call = (overrides: Parameters<typeof testCall>[1] = {}): ReturnType<typeof testCall> =>
  testCall('tools/call', { params: { name: 'a' }, capabilities: everything, ...overrides });
export const elicit = (id: string | number): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"elicitation/create","params":{"message":"Who?","n":1.0,"_meta":{"progressToken":5}}}`;

interface Asked {
  readonly state: string;
  readonly requests: unknown;
}

export async function asked(rig: Rig, first: Call): Promise<Asked> {
  const { result } = await rig.connection.service(first);
  expect(result.string('resultType')).toBe('input_required');
  return { state: String(result.string('requestState')), requests: result.object('inputRequests')?.value };
}

export const retry = (
  state: string,
  inputResponses: unknown,
  overrides: Parameters<typeof testCall>[1] = {},
): ReturnType<typeof testCall> => call({ params: { name: 'a', inputResponses, requestState: state }, ...overrides });
