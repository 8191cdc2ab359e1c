import type { IncomingHttpHeaders } from 'node:http';
import {
  createOrchestrator,
  type Orchestrator,
  type OrchestratorOptions,
  type ServerEntry,
} from '@toolyard/orchestrator';
import type { Transport } from '@toolyard/protocol';
import { httpTransport } from '@toolyard/transport-http';
import { stdioTransport } from '@toolyard/transport-stdio';
import { wsTransport } from '@toolyard/transport-ws';
import type { Ledger } from './ledger.ts';
import { sdkDoor } from './load/sdk-door.ts';
import { type Door, serviceDoor } from './load/door.ts';
import type { Random } from './random.ts';
import { commandOf, type Host, startHost, type UpstreamSpec } from './upstreams.ts';

export const specs: readonly UpstreamSpec[] = (['http', 'stdio', 'ws'] as const).flatMap((wire) =>
  (['modern', 'legacy'] as const).map((era) => ({ id: `${wire}-${era}`, wire, era })),
);

export interface YardOptions {
  readonly ledger: Ledger;
  readonly random: Random;
  readonly env: Readonly<Record<string, string>>;
  readonly settings: Partial<OrchestratorOptions>;
  readonly entry: Omit<ServerEntry, 'id' | 'target'>;
  /** Sockets to one server, and calls on one connection. */
  readonly breadth: number;
  /** How many clients each front door has. */
  readonly clients: { readonly http: number; readonly ws: number; readonly sdk: number };
}

/** A gateway over servers that can go wrong, with clients at each of its doors. */
export interface Yard extends AsyncDisposable {
  readonly orchestrator: Orchestrator;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly doors: {
    readonly inside: Door;
    readonly http: readonly Door[];
    readonly ws: readonly Door[];
    readonly sdk: readonly Door[];
  };
}

const info = { name: 'chaos', version: '1.0.0' };

export async function openYard(options: YardOptions): Promise<Yard> {
  const { ledger, random, env, breadth, clients } = options;
  await using stack = new AsyncDisposableStack();
  const hosts = new Map<string, Host>();
  const onLine = (server: string, line: string): void => ledger.heard(server, line);
  for (const spec of specs) {
    if (spec.wire === 'stdio') continue;
    hosts.set(spec.id, stack.use(await startHost(spec, { env, onLine })));
  }
  const http = httpTransport({ maxSockets: breadth });
  const ws = wsTransport();
  const orchestrator = createOrchestrator({
    servers: specs.map((spec) => ({
      id: spec.id,
      target: spec.wire === 'stdio' ? commandOf(spec, env) : { url: hosts.get(spec.id)?.url ?? '' },
      ...options.entry,
    })),
    transports: [http, ws, stdioTransport()],
    clientInfo: info,
    maxInFlight: breadth,
    onLog: onLine,
    random: random.part('orchestrator').next,
    ...options.settings,
  });
  stack.use(orchestrator);
  await orchestrator.start();

  const identify = ({ 'x-principal': principal }: IncomingHttpHeaders): { readonly principal: string } => ({
    principal: typeof principal === 'string' ? principal : 'nobody',
  });
  const front = { serverInfo: info, identify };
  const httpFront = await http.serve(orchestrator.service, { ...front, maxSockets: 2 * breadth + 1_000 });
  stack.use(httpFront);
  const wsFront = await ws.serve(orchestrator.service, front);
  stack.use(wsFront);

  const client = async (transport: Transport, name: string, url: string): Promise<Door> => {
    const target = { url, headers: { 'x-principal': name } };
    const given = { upstream: 'gateway', clientInfo: info, timeoutMs: 120_000 };
    const connection = stack.use(await transport.connect(target, given));
    return serviceDoor(name.replace(/ \d+$/, ''), connection.service, () => name);
  };
  const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);
  // Clients have sockets of their own.
  const outside = httpTransport({ maxSockets: breadth });
  const principals = random.part('principals');
  const doors = {
    inside: serviceDoor('in process', orchestrator.service, () => `p${principals.whole(1, 50)}`),
    http: await Promise.all(numbers(clients.http).map((n) => client(outside, `http ${n}`, httpFront.address))),
    ws: await Promise.all(numbers(clients.ws).map((n) => client(ws, `ws ${n}`, wsFront.address))),
    sdk: await Promise.all(
      numbers(clients.sdk).map(async (n) =>
        stack.use(await sdkDoor('official client, 2025-11-25', httpFront.address, { 'x-principal': `sdk ${n}` })),
      ),
    ),
  };
  const owned = stack.move();
  return { orchestrator, hosts, doors, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Processes of one server, those that the orchestrator started included. */
export function pidsOf({ orchestrator, hosts }: Yard, id: string): readonly number[] {
  const host = hosts.get(id)?.pid;
  if (host !== undefined) return [host];
  const status = orchestrator.servers().find((server) => server.id === id);
  return (status?.instances ?? []).flatMap(({ peer, phase }) =>
    peer?.pid === undefined || phase !== 'up' ? [] : [peer.pid],
  );
}
