import type { KeyObject } from 'node:crypto';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { ToolyardError } from '@toolyard/protocol';
import { type Configuration, type LogThreshold, readConfiguration } from '@toolyard/registry';

import { CommandFailure, type ExitCode, exitCodes } from '../cli/exit-codes.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import type { Gateway, GatewayOptions } from '../gateway.ts';
import { dataFolder, makeDataFolder } from '../data/data-folder.ts';
import { dataSecret } from '../data/data-secret.ts';
import { logLevel } from '../log/log-level.ts';
import { logWarnings } from '../log/log-warnings.ts';
import { chooseLevel, createLogger, type Logger } from '../log/logger.ts';
import { type Snippet, snippets } from './snippets.ts';
import { renderStatus } from '../status/render-status.ts';
import { secretsOf } from '../observe/configured-secrets.ts';
import type { MetricsAudience } from '../observe/metrics-door.ts';
import { createRedactor } from '../observe/redact.ts';
import { operatorToken } from '../processes/operator-token.ts';
import { keepReloading } from '../reload/keep-reloading.ts';
import { withPlaces } from '../reload/with-places.ts';
import { markOf, type Watch } from '../reload/watch-file.ts';

export interface UpOptions {
  readonly config: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly stdio: boolean;
  /** What is served at `/mcp`, or on stdin and stdout. Default: the profile `default` where there is one, else everything. */
  readonly profile?: string;
  readonly json: boolean;
  readonly logLevel?: string;
  /** Who is shown metrics. */
  readonly metrics: MetricsAudience;
  readonly drainMs: number;
  /** The command line of this program, for clients that start it themselves. */
  readonly program: readonly [string, ...string[]];
}

/** How long its end may take beside the drain: longer than servers are given, and whatever is kept. */
const endMs = 20_000;

/** Serves a configuration until a signal comes, or until stdin closes with `stdio`. */
export async function up(
  options: UpOptions,
  surroundings: Surroundings,
  start: (options: GatewayOptions) => Promise<Gateway>,
): Promise<ExitCode> {
  const { environment, cwd } = surroundings;
  const file = resolve(cwd, options.config ?? 'toolyard.yaml');
  const data = dataFolder(environment, cwd);
  const variables = { ...environment, TOOLYARD_DATA: data };
  const seen = await markOf(file);
  const configuration = await read(file, variables);
  const levelWith = (configured: LogThreshold | undefined): LogThreshold =>
    chooseLevel(options.logLevel, environment['LOG_LEVEL'], configured);
  const { redact, know } = createRedactor();
  know(secretsOf(configuration));
  const wanted = levelWith(configuration.orchestration.logLevel);
  const log = await createLogger({ level: wanted, forPeople: surroundings.interactive, redact });
  const level = logLevel(log, wanted);
  const logNotices = ({ notices }: Configuration): void => {
    for (const { line, column, message } of notices) log.warn(`${file}:${line}:${column} ${message}`);
  };
  logNotices(configuration);
  await makeDataFolder(data).catch((error: unknown) =>
    log.warn({ err: error }, `The folder ${data} could not be made.`),
  );
  const secret = configuration.secret ?? (await secretIn(data, log));

  const ended = Promise.withResolvers<ExitCode>();
  // It may end before anyone waits for that.
  ended.promise.catch(() => undefined);
  const starting = new AbortController();
  let gateway: Gateway | undefined;
  const watching = Promise.withResolvers<Watch>();
  let stopReloading: (() => void) | undefined;
  let stopping = false;
  let late: NodeJS.Timeout | undefined;
  const bound = (): void => {
    late ??= setTimeout(() => {
      log.error('It does not come to an end in order; ending at once.');
      surroundings.exit(exitCodes.failed);
    }, options.drainMs + endMs).unref();
  };
  const stop = (code: ExitCode): void => {
    stopping = true;
    bound();
    starting.abort();
    if (gateway === undefined) return ended.resolve(code);
    gateway.close({ drainMs: options.drainMs }).then(() => ended.resolve(code), ended.reject);
  };
  const stopListening = surroundings.onSignal((signal) => {
    if (stopping) surroundings.exit(signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated);
    log.info(`${signal}: ending within ${options.drainMs} ms; once more to end at once.`);
    stop(exitCodes.ok);
  });
  const stopHearing = surroundings.onReload(() => {
    log.info(`SIGHUP: reading ${file} again.`);
    void watching.promise.then((watch) => watch.again());
  });
  const stopToggling = surroundings.onToggle(() => level.toggle());
  const stopWatching = surroundings.onCrash((error) => {
    log.fatal({ err: error }, 'Something unexpected happened; ending.');
    if (stopping) surroundings.exit(exitCodes.failed);
    stop(exitCodes.failed);
  });
  const stopWarnings = logWarnings(surroundings, log);
  let isRead = true;
  const stopMissing = surroundings.onOutputLost((error) => {
    if (isRead && !options.stdio) log.warn({ err: error }, 'stdout cannot be written to; going on without it.');
    isRead = false;
  });
  try {
    const operator = await operatorToken(data);
    const onReload = (next: Configuration): void => {
      know(secretsOf(next));
      logNotices(next);
      level.set(levelWith(next.orchestration.logLevel));
    };
    gateway = await open(file, { configuration, data, environment, secret, operator, log, onReload }, options, start);
    if (starting.signal.aborted) {
      await gateway.close();
      return exitCodes.ok;
    }
    void gateway.closed.then((reason) => {
      if (stopping) return;
      if (reason !== undefined) log.info(`The connection to the client ended: ${reason.message}`);
      stop(exitCodes.ok);
    });
    const aborted = new Promise<void>((resolve) =>
      starting.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    await Promise.race([gateway.settled, aborted]).catch((error: unknown) => {
      throw ToolyardError.is(error, 'START_FAILED')
        ? new CommandFailure(exitCodes.failed, error.message, { cause: error })
        : error;
    });
    if (!options.stdio && !starting.signal.aborted) announce(gateway, file, options, surroundings);
    const readAgain = (): Promise<Configuration> => readConfiguration(file, { environment: variables });
    const watch = keepReloading({ file, seen, gateway, read: readAgain, log });
    stopReloading = watch.stop;
    watching.resolve(watch);
    return await ended.promise;
  } finally {
    stopReloading?.();
    stopListening();
    stopHearing();
    stopToggling();
    stopWatching();
    stopMissing();
    bound();
    await gateway?.close();
    stopWarnings();
    clearTimeout(late);
  }
}

async function read(file: string, environment: Surroundings['environment']): Promise<Configuration> {
  await access(file).catch((error: unknown) => {
    throw new CommandFailure(
      exitCodes.usage,
      `There is no configuration at ${file}; give its path: toolyard up path/to/toolyard.yaml.`,
      { cause: error },
    );
  });
  try {
    return await readConfiguration(file, { environment });
  } catch (error) {
    if (ToolyardError.is(error, 'CONFIG_INVALID'))
      throw new CommandFailure(exitCodes.usage, error.message, { cause: error });
    throw error;
  }
}

async function secretIn(data: string, log: Logger): Promise<KeyObject> {
  try {
    const { secret, lost } = await dataSecret(data);
    if (lost !== undefined)
      log.warn(
        { err: lost },
        `No secret could be kept in ${data}: after a restart, ids of tasks and cursors are lost.`,
      );
    return secret;
  } catch (error) {
    if (ToolyardError.is(error, 'CONFIG_INVALID'))
      throw new CommandFailure(exitCodes.usage, error.message, { cause: error });
    throw error;
  }
}

async function open(
  file: string,
  parts: Omit<GatewayOptions, 'folder' | 'at'>,
  { stdio, host, port, profile, metrics }: UpOptions,
  start: (options: GatewayOptions) => Promise<Gateway>,
): Promise<Gateway> {
  try {
    const at = stdio ? 'stdio' : { host, port };
    return await start({ ...parts, folder: dirname(file), at, metrics, ...(profile !== undefined && { profile }) });
  } catch (error) {
    const refusal = withPlaces(error, parts.configuration, file);
    if (ToolyardError.is(refusal, 'CONFIG_INVALID'))
      throw new CommandFailure(exitCodes.usage, refusal.message, { cause: error });
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      const message = `Port ${port} of ${host} is in use, maybe by another gateway; end that, or choose another with --port (0 takes any that is free).`;
      throw new CommandFailure(exitCodes.failed, message, { cause: error });
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new CommandFailure(
        exitCodes.failed,
        `It cannot listen on port ${port} of ${host} (${code}); choose others with --host and --port.`,
        { cause: error },
      );
    }
    throw error;
  }
}

function announce(gateway: Gateway, file: string, { json, profile, program }: UpOptions, { out }: Surroundings): void {
  const status = gateway.status(true);
  if (json) return out(JSON.stringify(status));
  const endpoint = gateway.endpoint ?? '';
  const [command, ...args] = program;
  const chosen = profile === undefined ? [] : ['--profile', profile];
  const pasted = snippets({ endpoint, stdio: { command, args: [...args, 'up', file, '--stdio', ...chosen] } });
  out(`${renderStatus(status)}\n\nEndpoint: ${endpoint}\n\n${pasted.map(renderSnippet).join('\n')}\n`);
  out(`ready ${endpoint}`);
}

function renderSnippet({ client, where, text }: Snippet): string {
  return `${client}, ${where}:\n  ${text}`;
}
