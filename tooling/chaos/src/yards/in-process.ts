import type { IncomingHttpHeaders } from 'node:http';
import { cached, layeredStore, memoryStore } from '@toolyard/cache';
import { createOrchestrator, type Orchestrator, type OrchestratorOptions } from '@toolyard/orchestrator';
import { type CacheStore, readEnvelope } from '@toolyard/protocol';
import { grpcTransport } from '@toolyard/transport-grpc';
import { httpTransport } from '@toolyard/transport-http';
import { stdioTransport } from '@toolyard/transport-stdio';
import { wsTransport } from '@toolyard/transport-ws';
import type { Ledger } from '../ledger.ts';
import { serviceDoor } from '../load/door.ts';
import { sdkDoor } from '../load/sdk-door.ts';
import { commandOf } from '../upstreams.ts';
import type { JumpingClock } from '../watch/clock.ts';
import { createMemoryWatch } from '../watch/memory.ts';
import { info, openClients } from './clients.ts';
import { processMischief, startHosts } from './hosts.ts';
import { openRedis } from './redis.ts';
import { keptMs, keptTool, specs } from './specs.ts';
import type { Mischief, Yard, YardOptions } from './yard.ts';

const hourMs = 3_600_000;
/** The longest message that the reader of JSON keeps room for. */
const longestBytes = 16 * 1_048_576;

/** The packages in this process: an orchestrator, a cache in front of each server, and all doors. */
export async function openInProcess(options: YardOptions, clock: JumpingClock): Promise<Yard> {
  const { ledger, random, env, breadth, clients, pace } = options;
  // The room that it keeps grows with the longest message so far, and is no leak: it is there from the beginning.
  readEnvelope(longMessage());
  await using stack = new AsyncDisposableStack();
  const onLine = (server: string, line: string): void => ledger.heard(server, line);
  const hosts = stack.use(await startHosts({ env, onLine }));
  const redis = await openRedis();
  if (redis !== undefined) stack.use(redis);
  const cache = followedStore(redis?.url, ledger);
  stack.defer(() => cache.store.close());
  const http = httpTransport({ maxSockets: breadth });
  const ws = wsTransport();
  const grpc = grpcTransport();
  const { calls, instances, ...settings } = pace;
  const orchestrator = createOrchestrator({
    servers: specs.map((spec) => ({
      id: spec.id,
      target: spec.wire === 'stdio' ? commandOf(spec, env) : { url: hosts.byId.get(spec.id)?.url ?? '' },
      calls,
      ...(instances !== undefined && { instances }),
    })),
    transports: [http, ws, grpc, stdioTransport()],
    clientInfo: info,
    maxInFlight: breadth,
    middleware: cacheBefore(cache.store),
    onLog: onLine,
    random: random.part('orchestrator').next,
    ...settings,
  });
  stack.use(orchestrator);
  await orchestrator.start();

  const principalIn = (principal: unknown): { readonly principal: string } => ({
    principal: typeof principal === 'string' ? principal : 'nobody',
  });
  const identify = ({ 'x-principal': principal }: IncomingHttpHeaders): { readonly principal: string } =>
    principalIn(principal);
  const front = { serverInfo: info, identify };
  const httpFront = stack.use(await http.serve(orchestrator.service, { ...front, maxSockets: 2 * breadth + 1_000 }));
  const wsFront = stack.use(await ws.serve(orchestrator.service, front));
  const grpcFront = stack.use(
    await grpc.serve(orchestrator.service, {
      serverInfo: info,
      identify: ({ 'x-principal': principal }) => principalIn(principal),
    }),
  );
  // Clients have sockets of their own.
  const outside = httpTransport({ maxSockets: breadth });
  const given = { count: clients, principals: true };
  const principals = random.part('principals');
  const headers = { 'x-principal': 'official client' };
  const sdk = stack.use(await sdkDoor('official client, 2025-11-25', httpFront.address, headers));
  const groups = [
    {
      kind: 'in process',
      callers: 180,
      doors: [serviceDoor('in process', orchestrator.service, () => `p${principals.whole(1, 50)}`)],
    },
    {
      kind: 'http',
      callers: 24,
      doors: await openClients(stack, { ...given, kind: 'http', transport: outside, url: httpFront.address }),
    },
    {
      kind: 'ws',
      callers: 24,
      doors: await openClients(stack, { ...given, kind: 'ws', transport: ws, url: wsFront.address }),
    },
    {
      kind: 'grpc',
      callers: 24,
      doors: await openClients(stack, { ...given, kind: 'grpc', transport: grpc, url: grpcFront.address }),
    },
    { kind: 'sdk', callers: 8, doors: [sdk] },
  ];
  const memory = createMemoryWatch();
  const pidsOf = (server: string): readonly number[] => {
    const host = hosts.byId.get(server)?.pid;
    return host === undefined ? pidsOfInstances(orchestrator, server) : [host];
  };
  const owned = stack.move();
  return {
    groups,
    mischief: [
      ...processMischief(pidsOf),
      {
        kind: 'clock',
        harmless: false,
        act: (_, chances) => clock.jump(chances.pick([-1, 1]) * hourMs),
      },
      ...changesOf(orchestrator),
      ...(redis?.mischief ?? []),
    ],
    servers: () =>
      Promise.resolve(
        orchestrator.servers().map(({ id, state, instances: all, failedLists, reason }) => ({
          id,
          healthy: state === 'healthy',
          words: [
            state,
            ...failedLists,
            reason?.code,
            ...all.map((one) => `${one.number} ${one.phase} ${one.state} ${one.breaker}`),
          ].join(' '),
        })),
      ),
    inFlight: () =>
      Promise.resolve(
        orchestrator
          .servers()
          .reduce((sum, { instances: all }) => sum + all.reduce((n, one) => n + one.inFlight, 0), 0),
      ),
    connects: () => Promise.resolve(orchestrator.servers().reduce((sum, { connects }) => sum + connects, 0)),
    pidsOf,
    memory: () => Promise.resolve(memory.sample()),
    cacheTrouble: cache.trouble,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function cacheBefore(store: CacheStore): NonNullable<OrchestratorOptions['middleware']> {
  return ({ id }) => [cached({ server: id, store, toolTtlMs: (tool) => (tool === keptTool ? keptMs : undefined) })];
}

/** In memory over Redis where there is one. What it tells is counted. */
function followedStore(
  redis: string | undefined,
  ledger: Ledger,
): { readonly store: CacheStore; readonly trouble: () => string | undefined } {
  if (redis === undefined) return { store: memoryStore(), trouble: () => undefined };
  const store = layeredStore({ redis: { url: redis, backoff: { firstDelayMs: 100, maxDelayMs: 500 } } });
  let last = 'nothing';
  store.listen(({ type }) => {
    last = type;
    ledger.fault(`cache-${type}`);
  });
  return { store, trouble: () => (last === 'up' ? undefined : `the last that the cache told is ${last}`) };
}

/** What its operator does, of which no call may fail. */
function changesOf(orchestrator: Orchestrator): readonly Mischief[] {
  const drain = { drainMs: 3_000 };
  return [
    { kind: 'restart', harmless: true, act: (server) => orchestrator.restart(server, drain) },
    { kind: 'scale', harmless: true, act: (server, random) => orchestrator.scale(server, random.whole(1, 3), drain) },
  ];
}

function pidsOfInstances(orchestrator: Orchestrator, id: string): readonly number[] {
  const status = orchestrator.servers().find((server) => server.id === id);
  return (status?.instances ?? []).flatMap(({ peer, phase }) =>
    peer?.pid === undefined || phase !== 'up' ? [] : [peer.pid],
  );
}

function longMessage(): Uint8Array {
  const [head, tail] = ['{"jsonrpc":"2.0","method":"x","params":{"text":"', '"}}'];
  return Buffer.from(head + 'x'.repeat(longestBytes - head.length - tail.length) + tail);
}
