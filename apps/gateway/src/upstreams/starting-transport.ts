import {
  type CommandTarget,
  type Connection,
  type ConnectOptions,
  type ErrorFacts,
  ToolyardError,
  type Target,
  type Transport,
  type UrlTarget,
} from '@toolyard/protocol';

/** A process that was started for a server. */
export interface StartedProcess {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  /** What became of it, as the end of a sentence; `undefined` while it lives. */
  obituary(): string | undefined;
  /** The same without its words. */
  exit(): string | undefined;
  /** Tells that it has come up. */
  ready(): void;
  /** Ends it with all its descendants. Safe to call twice. */
  stop(): Promise<void>;
}

export interface StartingOptions {
  /** Starts the process; rejects with `UPSTREAM_UNREACHABLE` where that cannot be done, and with `PROCESS_LIMIT` where there are too many. */
  readonly start: (
    target: CommandTarget,
    options: {
      readonly upstream: string;
      readonly onLog: ConnectOptions['onLog'] | undefined;
      /** Ends the waiting for its turn. */
      readonly signal: AbortSignal;
    },
  ) => Promise<StartedProcess>;
  /** What `{port}` stands for, asked at each start. */
  readonly freePort: () => Promise<number>;
  /** Pause between two attempts while the process comes up. Default 50. */
  readonly retryMs?: number;
}

const defaultConnectTimeoutMs = 30_000;

/**
 * Adds `start` to a transport for URLs: the process is started, connected to as soon as it listens, and ends with the connection;
 * the connection ends with the process.
 */
export function startingTransport(inner: Transport, options: StartingOptions): Transport {
  return {
    ...inner,
    accepts: (target) => inner.accepts(withoutStart(target)),
    connect: (target, connectOptions) =>
      'url' in target && target.start !== undefined
        ? connectStarted(inner, target, target.start, connectOptions, options)
        : inner.connect(target, connectOptions),
  };
}

function withoutStart(target: Target): Target {
  if (!('url' in target)) return target;
  const { url, headers } = target;
  return { url, ...(headers === undefined ? {} : { headers }) };
}

async function connectStarted(
  inner: Transport,
  target: UrlTarget,
  command: CommandTarget,
  connectOptions: ConnectOptions,
  { start, freePort, retryMs = 50 }: StartingOptions,
): Promise<Connection> {
  const { upstream, signal, connectTimeoutMs = defaultConnectTimeoutMs } = connectOptions;
  const deadlineMs = performance.now() + connectTimeoutMs;
  signal?.throwIfAborted();
  const placed = await place(target, command, freePort);
  const process = await startWithin(connectTimeoutMs, start, placed.command, connectOptions);
  let exited = false;
  const death = process.exited.then(() => {
    exited = true;
  });
  try {
    for (;;) {
      const leftMs = Math.max(1, deadlineMs - performance.now());
      const attempt = await inner
        .connect(placed.url, { ...connectOptions, connectTimeoutMs: leftMs })
        .catch((error: unknown) => {
          // Nobody listens yet; everything else is an answer.
          if (ToolyardError.is(error, 'UPSTREAM_UNREACHABLE') && !exited && performance.now() + retryMs < deadlineMs)
            return undefined;
          throw error;
        });
      if (attempt !== undefined) {
        process.ready();
        return joined(attempt, process, upstream);
      }
      await pause(retryMs, death, signal);
    }
  } catch (error) {
    const fate = process.obituary();
    const facts = factsOf(upstream, process);
    await process.stop();
    if (fate === undefined || ToolyardError.is(error, 'CANCELLED')) throw error;
    throw new ToolyardError('UPSTREAM_UNREACHABLE', facts, `server "${upstream}": ${fate}`, { cause: error });
  }
}

/** It may have to wait for its turn. */
async function startWithin(
  afterMs: number,
  start: StartingOptions['start'],
  command: CommandTarget,
  { upstream, signal, onLog }: ConnectOptions,
): Promise<StartedProcess> {
  const late = new AbortController();
  const message = `${upstream} was not started within ${afterMs} ms.`;
  const timer = setTimeout(
    () => late.abort(new ToolyardError('UPSTREAM_TIMEOUT', { upstream, method: 'connect', afterMs }, message)),
    afterMs,
  );
  const ended = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]);
  return start(command, { upstream, onLog, signal: ended }).finally(() => clearTimeout(timer));
}

async function place(
  target: UrlTarget,
  command: CommandTarget,
  freePort: () => Promise<number>,
): Promise<{ url: Target; command: CommandTarget }> {
  const text = JSON.stringify([target.url, command.args, command.env]);
  const port = text.includes('{port}') ? String(await freePort()) : '';
  const fill = (value: string): string => value.replaceAll('{port}', port);
  return {
    url: withoutStart({ ...target, url: fill(target.url) }),
    command: {
      ...command,
      ...(command.args === undefined ? {} : { args: command.args.map(fill) }),
      ...(command.env === undefined
        ? {}
        : { env: Object.fromEntries(Object.entries(command.env).map(([name, value]) => [name, fill(value)])) }),
    },
  };
}

/** A connection that ends with its process, and a process that ends with its connection. */
function joined(connection: Connection, process: StartedProcess, upstream: string): Connection {
  const died = process.exited.then(() => {
    const message = `server "${upstream}": ${process.obituary() ?? 'its process ended'}`;
    return new ToolyardError('UPSTREAM_CLOSED', factsOf(upstream, process), message);
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeBoth(connection, process);
    return closing;
  };
  const closed = Promise.race([connection.closed, died]).then(async (reason) => {
    const ours = closing !== undefined;
    await close();
    return ours ? undefined : reason;
  });
  return {
    service: (call) =>
      connection.service(call).catch((error: unknown) => Promise.reject(atDeath(error, process, upstream))),
    peer: { ...connection.peer, pid: process.pid },
    ...(connection.stateful !== undefined && { stateful: connection.stateful }),
    ...(connection.check !== undefined && { check: connection.check.bind(connection) }),
    ...(connection.drained !== undefined && { drained: connection.drained.bind(connection) }),
    closed,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A call that was with the process when it died was not merely refused: the process may have acted on it. */
function atDeath(error: unknown, process: StartedProcess, upstream: string): unknown {
  if (!ToolyardError.is(error, 'CLOSED') || process.obituary() === undefined) return error;
  return new ToolyardError('UPSTREAM_CLOSED', factsOf(upstream, process), `${upstream} went away.`, { cause: error });
}

function factsOf(upstream: string, process: StartedProcess): ErrorFacts['UPSTREAM_CLOSED'] {
  const exit = process.exit();
  return exit === undefined ? { upstream } : { upstream, exit };
}

async function closeBoth(connection: Connection, process: StartedProcess): Promise<void> {
  try {
    await connection.close();
  } finally {
    await process.stop();
  }
}

function pause(ms: number, death: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const wake = (): void => {
    clearTimeout(timer);
    resolve();
  };
  signal?.addEventListener('abort', wake, { once: true });
  void death.then(wake);
  return promise.finally(() => signal?.removeEventListener('abort', wake));
}
