import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createOrchestrator } from '@toolyard/orchestrator';
import { type Parking, type SessionPoolOptions, ToolyardError } from '@toolyard/protocol';
import { httpTransport } from '@toolyard/transport-http';
import { stdioTransport } from '@toolyard/transport-stdio';
import { legacyHttp } from './bridge-upstreams.ts';
import { temporaryFolder, waitFor } from './gateway.ts';
import { ask, type RawAnswer } from './raw-client.ts';

const stdioFixture = fileURLToPath(new URL('../fixtures/bridge/stdio.ts', import.meta.url));

export interface BridgeYardOptions {
  /** Where calls to servers of both kinds wait. */
  readonly parking?: Parking;
  /** Sessions of the server behind a pipe. */
  readonly pipeSessions?: SessionPoolOptions;
}

/** What a gateway is made of, over servers of 2025-11-25 called `http` and `pipe`, with callers who are told apart: they say who they are in `x-who`. */
export interface BridgeYard extends AsyncDisposable {
  readonly endpoint: string;
  /** A call of a client of 2026-07-28 that can be asked anything. */
  call(who: string, params: Record<string, unknown>): Promise<RawAnswer['message']>;
  /** Resolves when the instance that there was drains, and with when it has ended. */
  restart(id: 'http' | 'pipe'): Promise<{ readonly ended: Promise<unknown> }>;
  noted(id: 'http' | 'pipe', line: string): Promise<void>;
}

export async function bridgeYard({ parking, pipeSessions }: BridgeYardOptions = {}): Promise<BridgeYard> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await temporaryFolder());
  const journalOf = (id: string): string => `${folder.path}/${id}.journal`;
  const upstream = opening.use(await legacyHttp({ id: 'http', journal: journalOf('http') }));
  const shared = parking === undefined ? {} : { parking };
  const http = httpTransport(shared);
  const stdio = stdioTransport(shared);
  const orchestrator = createOrchestrator({
    servers: [
      { id: 'http', target: { url: upstream.url } },
      { id: 'pipe', target: { command: process.execPath, args: [stdioFixture, 'legacy', 'pipe', journalOf('pipe')] } },
    ],
    transports: [
      http,
      {
        ...stdio,
        connect: (target, options) =>
          stdio.connect(target, pipeSessions === undefined ? options : { ...options, sessions: pipeSessions }),
      },
    ],
    clientInfo: { name: 'yard', version: '1.0.0' },
    failFast: true,
  });
  opening.defer(() => orchestrator.close());
  await orchestrator.start();
  const listener = opening.use(
    await http.serve(orchestrator.service, {
      serverInfo: { name: 'yard', version: '1.0.0' },
      identify({ 'x-who': who }) {
        if (typeof who === 'string') return { principal: who };
        throw new ToolyardError('UNAUTHENTICATED', { reason: 'nobody' }, 'Say who you are.');
      },
    }),
  );
  const open = opening.move();
  return {
    endpoint: listener.address,
    async call(who, params) {
      const capabilities = { elicitation: { form: {} }, sampling: {}, roots: {} };
      const headers = { 'x-who': who };
      return (await ask(listener.address, 'tools/call', params, { capabilities, headers })).message;
    },
    async restart(id) {
      const ended = orchestrator.restart(id);
      const instances = () => orchestrator.servers().find((server) => server.id === id)?.instances ?? [];
      const drains = (): true | undefined => (instances().some(({ phase }) => phase === 'draining') ? true : undefined);
      await waitFor(`${id} to drain`, drains);
      return { ended };
    },
    noted: async (id, line) =>
      void (await waitFor(`${id} to note ${line}`, async () => {
        const written = await readFile(journalOf(id), 'utf8').catch(() => '');
        return written.split('\n').includes(line) ? true : undefined;
      })),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
