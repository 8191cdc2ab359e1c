import type { Call, Connection, ConnectOptions, Notification, Reply, Transport } from '@toolyard/protocol';
import { RawObject, ToolyardError } from '@toolyard/protocol';

type Answered = RawObject | Record<string, unknown>;
type Answer = (call: Call) => Promise<Answered> | Answered;

/** A server in this process: what it lists, how it behaves, and what it was asked. */
export interface FakeServer {
  tools: readonly unknown[];
  prompts: readonly unknown[];
  resources: readonly unknown[];
  templates: readonly unknown[];
  capabilities: Record<string, unknown>;
  instructions?: string;
  hints: { ttlMs?: unknown; cacheScope?: unknown };
  /** How `connect` goes. `deaf`: neither connects nor gives up. */
  connecting: 'ok' | 'refuse' | 'hang' | 'deaf';
  refusal: Error;
  /** Answers in place of the built-in ones, by method. */
  readonly answers: Record<string, Answer>;
  /** All calls so far, in order. */
  readonly calls: Call[];
  /** Options of all attempts to connect so far. */
  readonly attempts: ConnectOptions[];
  /** Connections that are open. */
  readonly open: ReadonlySet<Connection>;
  /** Filters of the subscriptions that are open. */
  readonly listens: ReadonlySet<{ readonly filter: RawObject; readonly call: Call }>;
  called(method: string): readonly Call[];
  /** Tells everyone who subscribed. */
  tell(notification: Notification): Promise<void>;
  /** Goes away. */
  crash(reason?: Error): void;
}

const everything = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};

export function tool(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, inputSchema: { type: 'object' }, ...more };
}

/** Raw JSON for a list, to prove that bytes stay as they are. */
export function rawItem(json: string): RawObject {
  return RawObject.read(Buffer.from(json));
}

export function fakeServer(
  has: Partial<
    Pick<
      FakeServer,
      | 'tools'
      | 'prompts'
      | 'resources'
      | 'templates'
      | 'capabilities'
      | 'instructions'
      | 'hints'
      | 'connecting'
      | 'answers'
    >
  > = {},
): FakeServer {
  const open = new Map<Connection, (reason?: Error) => void>();
  const listens = new Set<{ readonly filter: RawObject; readonly call: Call }>();
  const server: FakeServer = {
    tools: [],
    prompts: [],
    resources: [],
    templates: [],
    capabilities: everything,
    hints: { ttlMs: 60_000, cacheScope: 'public' },
    connecting: 'ok',
    refusal: new ToolyardError('UPSTREAM_UNREACHABLE', { upstream: 'fake' }, 'refused'),
    answers: {},
    calls: [],
    attempts: [],
    get open() {
      return new Set(open.keys());
    },
    listens,
    called: (method) => server.calls.filter((call) => call.method === method),
    async tell(notification) {
      await Promise.all([...listens].map(({ call }) => call.notify(notification)));
    },
    crash(reason = new ToolyardError('UPSTREAM_CLOSED', { upstream: 'fake' }, 'crashed')) {
      for (const end of [...open.values()]) end(reason);
    },
    ...has,
  };
  const answer = async (call: Call): Promise<Reply> => {
    server.calls.push(call);
    const own = server.answers[call.method];
    if (own !== undefined) {
      const said = await own(call);
      return { result: said instanceof RawObject ? said : RawObject.of(said) };
    }
    return { result: RawObject.of(await builtIn(server, call, listens)) };
  };
  connectors.set(server, (options) => connect(server, open, answer, options));
  return server;
}

const connectors = new WeakMap<FakeServer, (options: ConnectOptions) => Promise<Connection>>();

/** Reaches `fake:<id>`. */
export function fakeTransport(servers: Readonly<Record<string, FakeServer>>): Transport {
  return {
    contract: 'transport/1',
    name: 'fake',
    accepts: (target) => 'url' in target && target.url.startsWith('fake:'),
    connect(target, options) {
      const server = 'url' in target ? servers[target.url.slice('fake:'.length)] : undefined;
      const connector = server === undefined ? undefined : connectors.get(server);
      return connector === undefined ? Promise.reject(new Error('no such fake server')) : connector(options);
    },
  };
}

async function connect(
  server: FakeServer,
  open: Map<Connection, (reason?: Error) => void>,
  answer: (call: Call) => Promise<Reply>,
  options: ConnectOptions,
): Promise<Connection> {
  server.attempts.push(options);
  await Promise.resolve();
  if (server.connecting === 'refuse') throw server.refusal;
  if (server.connecting !== 'ok') await hang(server.connecting === 'hang' ? options.signal : undefined);
  const over = Promise.withResolvers<Error | undefined>();
  const ended = new AbortController();
  const end = (reason?: Error): void => {
    if (!open.delete(connection)) return;
    ended.abort(reason ?? new ToolyardError('CLOSED', { what: 'connection' }, 'closed'));
    over.resolve(reason);
  };
  const connection: Connection = {
    service: (call) =>
      untilAborted(
        [call.signal, ended.signal],
        answer({ ...call, signal: AbortSignal.any([call.signal, ended.signal]) }),
      ),
    peer: { revision: '2026-07-28', wire: 'memory' },
    closed: over.promise,
    close: async () => end(),
    [Symbol.asyncDispose]: async () => end(),
  };
  open.set(connection, end);
  return connection;
}

function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted === true) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

function untilAborted<T>(signals: readonly AbortSignal[], work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    for (const signal of signals) {
      if (signal.aborted) reject(signal.reason);
      else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }
    work.then(resolve, reject);
  });
}

async function builtIn(
  server: FakeServer,
  call: Call,
  listens: Set<{ readonly filter: RawObject; readonly call: Call }>,
): Promise<Record<string, unknown>> {
  const { instructions, hints, capabilities } = server;
  switch (call.method) {
    case 'server/discover':
      return { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities, instructions, ...hints };
    case 'tools/list':
      return { resultType: 'complete', tools: server.tools, ...hints };
    case 'prompts/list':
      return { resultType: 'complete', prompts: server.prompts, ...hints };
    case 'resources/list':
      return { resultType: 'complete', resources: server.resources, ...hints };
    case 'resources/templates/list':
      return { resultType: 'complete', resourceTemplates: server.templates, ...hints };
    case 'subscriptions/listen':
      return listen(call, listens);
    default:
      return { resultType: 'complete', echo: { method: call.method, params: call.params } };
  }
}

async function listen(
  call: Call,
  listens: Set<{ readonly filter: RawObject; readonly call: Call }>,
): Promise<Record<string, unknown>> {
  const filter = call.params.object('notifications') ?? RawObject.empty;
  const open = { filter, call };
  listens.add(open);
  try {
    await call.notify({
      method: 'notifications/subscriptions/acknowledged',
      params: RawObject.of({ notifications: filter }),
    });
    return await hang(call.signal);
  } finally {
    listens.delete(open);
  }
}
