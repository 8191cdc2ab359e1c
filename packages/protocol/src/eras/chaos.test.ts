import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ToolyardError } from '../errors/toolyard-error.ts';
import { createPipePair } from '../memory/pipe-pair.ts';
import type { Pipe } from '../pipe.ts';
import type { Service } from '../service.ts';
import { testCall } from '../testing/call.ts';
import type { Connection } from '../transport.ts';
import { RawObject } from '../wire/raw-object.ts';
import { connectPipe } from './pipe/connect-pipe.ts';
import { serveLegacy } from './legacy/server/server.ts';
import type { PipeServeOptions, Serving } from './pipe/pipe-options.ts';
import { servePipe } from './pipe/serve-pipe.ts';

const info = { name: 'x', version: '1' };

interface Plan {
  /** Turns of the event loop before the server answers; `null` for never. */
  readonly turns: number | null;
  readonly reports: number;
  readonly cancelAfter: number | undefined;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  turns: fc.option(fc.nat(6), { freq: 4 }),
  reports: fc.nat(3),
  cancelAfter: fc.option(fc.nat(6), { nil: undefined, freq: 1 }),
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Answers each call with what it was asked, after as many turns as it says, and reports progress meanwhile. */
const echo: Service = async (call) => {
  if (call.method === 'server/discover')
    return { result: RawObject.of({ resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {} }) };
  const asked = call.params.object('arguments');
  const after = asked?.member('turns')?.value;
  for (let report = 1; report <= Number(asked?.member('reports')?.value); report++) {
    await call.notify({
      method: 'notifications/progress',
      params: RawObject.of({ progressToken: call.progressToken, progress: report, of: asked }),
    });
  }
  if (typeof after !== 'number' && call.signal.aborted) return { result: RawObject.empty };
  if (typeof after !== 'number') await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
  else for (let n = 0; n < after; n++) await turn();
  return { result: RawObject.of({ resultType: 'complete', echo: asked }) };
};

const doors: Readonly<Record<string, (pipe: Pipe, service: Service, options: PipeServeOptions) => Serving>> = {
  '2026-07-28': servePipe,
  '2025-11-25': serveLegacy,
};

describe.each(Object.entries(doors))('whatever happens on a pipe of %s', (revision, serve) => {
  it('each call gets its own answer or fails with a code, and nothing is left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(plan, { minLength: 1, maxLength: 40 }),
        fc.nat(8),
        fc.constantFrom('client', 'server', 'pipe'),
        async (plans, endAfter, who) => {
          let working = 0;
          const service: Service = async (call) => {
            working++;
            try {
              return await echo(call);
            } finally {
              working--;
            }
          };
          let serving: Serving | undefined;
          let near: Pipe | undefined;
          const connection: Connection = await connectPipe(
            () => {
              const [ours, theirs] = createPipePair({ highWaterBytes: 200 });
              serving = serve(theirs, service, { serverInfo: info });
              near = ours;
              return Promise.resolve(ours);
            },
            { upstream: 'x', clientInfo: info, wire: 'memory' },
          );
          expect(connection.peer.revision).toBe(revision);
          const outcomes = plans.map(async ({ cancelAfter, ...rest }, n) => {
            const asked = { n, ...rest };
            const call = testCall('tools/call', { params: { name: 'a', arguments: asked }, progressToken: `t${n}` });
            if (cancelAfter !== undefined) {
              void (async () => {
                for (let m = 0; m < cancelAfter; m++) await turn();
                call.abort();
              })();
            }
            try {
              const { result } = await connection.service(call);
              expect(result.object('echo')?.value).toEqual(asked);
            } catch (error) {
              if (!ToolyardError.is(error)) throw error;
              expect(['CANCELLED', 'CLOSED', 'UPSTREAM_CLOSED', 'UPSTREAM_ERROR']).toContain(error.code);
            }
            for (const { params } of call.notified) expect(params).toMatchObject({ progressToken: `t${n}`, of: asked });
          });
          for (let n = 0; n < endAfter; n++) await turn();
          if (who === 'client') await connection.close();
          else if (who === 'server') await serving?.close();
          else await near?.close();
          await Promise.all(outcomes);
          await Promise.all([connection.close(), serving?.close(), connection.closed, serving?.closed]);
          await vi.waitFor(() => expect(working).toBe(0));
        },
      ),
      { numRuns: 60 },
    );
  });
});
