import type { Call } from '../../../../call.ts';
import { createPipePair } from '../../../../memory/pipe-pair.ts';
import type { Reply } from '../../../../reply.ts';
import type { Service } from '../../../../service.ts';
import { wireEnd, type WireEnd } from '../../../../testing/wire-end.ts';
import { RawObject } from '../../../../wire/raw-object.ts';
import type { PipeServeOptions, Serving } from '../../../pipe/pipe-options.ts';
import { serveLegacy } from '../server.ts';

export interface Rig extends AsyncDisposable {
  readonly end: WireEnd;
  readonly serving: Serving;
  /** Every call that the service got, but for `server/discover`. */
  readonly calls: Call[];
}

export type Answer = (call: Call) => Promise<Reply>;

export const discovery = (capabilities: unknown): Reply => ({
  result: RawObject.of({
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities,
    ttlMs: 0,
    cacheScope: 'private',
    instructions: 'Be kind.',
  }),
});
export const done = (result: Readonly<Record<string, unknown>> = {}): Reply => ({
  result: RawObject.of({ resultType: 'complete', ...result }),
});

export function open(
  answer: Answer,
  options: Partial<PipeServeOptions> & { readonly capabilities?: unknown } = {},
): Rig {
  const { capabilities = {}, ...rest } = options;
  const calls: Call[] = [];
  const service: Service = (call) => {
    if (call.method === 'server/discover') return Promise.resolve(discovery(capabilities));
    calls.push(call);
    return answer(call);
  };
  const [near, far] = createPipePair();
  const end = wireEnd(far);
  const serving = serveLegacy(near, service, {
    serverInfo: { name: 'toolyard', version: '1.0.0' },
    principal: 'ada',
    tenant: 'acme',
    ...rest,
  });
  return { end, serving, calls, [Symbol.asyncDispose]: () => serving.close() };
}

export function initialize(capabilities = '{}', revision = '2025-11-25'): string {
  return `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"${revision}","capabilities":${capabilities},"clientInfo":{"name":"c","version":"9"}}}`;
}

/** A session that is ready. */
export async function session(
  answer: Answer,
  options: Parameters<typeof open>[1] & { readonly client?: string } = {},
): Promise<Rig> {
  const { client, ...rest } = options;
  const rig = open(answer, rest);
  rig.end.send(initialize(client));
  await rig.end.next();
  rig.end.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
  return rig;
}

export const never: Answer = () => new Promise(() => {});
