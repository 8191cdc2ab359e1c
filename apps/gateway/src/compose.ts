import type { KeyObject } from 'node:crypto';

import { createOrchestrator } from '@toolyard/orchestrator';
import { createParking, type Listener, type Middleware, type Service, type Transport } from '@toolyard/protocol';
import type { Configuration, Environment } from '@toolyard/registry';
import { httpTransport } from '@toolyard/transport-http';
import { processMemory } from '@toolyard/transport-stdio';

import { createCache } from './cache/gateway-cache.ts';
import { printable } from './cli/table.ts';
import { endpointPath } from './client/endpoint.ts';
import { checkTransports } from './upstreams/check-transports.ts';
import { firstOf } from './doors/doors.ts';
import { orchestratorSettings } from './upstreams/settings.ts';
import { gatewayTransports } from './upstreams/gateway-transports.ts';
import { healthDoor } from './doors/health.ts';
import { holdUntil } from './doors/hold-until.ts';
import { deriveKeys } from './data/keys.ts';
import { logFleet, logProfileProblems } from './log/log-fleet.ts';
import type { Logger } from './log/logger.ts';
import { checkProfile, describeProfile, profileEndpoint } from './profiles/profiles.ts';
import { describeServer } from './status/server-status.ts';
import { type GatewayStatus, overall } from './status/status.ts';
import { forwardBaggage } from './observe/baggage.ts';
import { metricsDoor, type MetricsAudience } from './observe/metrics-door.ts';
import { observe } from './observe/observe.ts';
import { applyChanges } from './reload/apply.ts';
import { changesBetween } from './reload/changes.ts';
import { operatorDoor } from './processes/operator-door.ts';
import { type ProcessReport, reportProcesses } from './processes/process-report.ts';
import { createSearch } from './search/search.ts';
import { serverWords } from './search/tool-document.ts';
import { version } from './version.ts';

export interface GatewayOptions {
  readonly configuration: Configuration;
  /** The configuration's folder: where programs are looked up. */
  readonly folder: string;
  /** The folder for what it keeps between one run and the next. */
  readonly data: string;
  readonly environment: Environment;
  /** What the keys for all that it hands out sealed are derived from. */
  readonly secret: KeyObject;
  /** What those show who may see its processes. Default: nobody may. */
  readonly operator?: string | undefined;
  readonly log: Logger;
  /** Is told of each configuration that is taken over, before anything is done with it. */
  readonly onReload?: (configuration: Configuration) => void;
  /** Who is shown `/metrics`. Default `local`. */
  readonly metrics?: MetricsAudience;
  /** The profile that is served there. Default: `default` where there is one, else everything. */
  readonly profile?: string;
  /** Where clients connect. */
  readonly at: 'stdio' | { readonly host: string; readonly port: number };
}

/** A gateway that serves. */
export interface Gateway extends AsyncDisposable {
  /** `undefined` where it serves on stdin and stdout. */
  readonly endpoint: string | undefined;
  /** `detailed`: with words about failures that are for who runs the gateway only. */
  status(detailed?: boolean): GatewayStatus;
  /**
   * Goes on with another configuration: servers that differ are deployed anew or undeployed, the others notice nothing. Resolves when that is done; each
   * server's outcome is in the log. Rejects with `CONFIG_INVALID`, and changes nothing, where it cannot run with it.
   */
  reload(configuration: Configuration): Promise<void>;
  /** Resolves when each server is up or has failed once, or soon after, with those still starting. Until then calls are held. Rejects with `START_FAILED`. */
  readonly settled: Promise<void>;
  /** Resolves once when it is over by itself: stdin closed. */
  readonly closed: Promise<Error | undefined>;
  /** Takes no new calls, lets those in flight finish for `drainMs`, ends all servers. Safe to call twice. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

const info = { name: 'toolyard', version };
/** How long servers that start slowly keep the others waiting. */
const settleMs = 5_000;
/** How long processes may take to end when all is closed: more than they are given before they are killed. */
const lingerMs = 10_000;

/** The composition root: a configuration becomes transports, an orchestrator over them, and a listener in front. */
export async function composeGateway({
  configuration,
  folder,
  data,
  environment,
  secret,
  operator,
  log,
  onReload,
  metrics: audience = 'local',
  profile,
  at,
}: GatewayOptions): Promise<Gateway> {
  const keys = deriveKeys(secret);
  const parking = createParking({ key: keys.parking });
  const { http, stdio, toServers, governor, failures } = gatewayTransports({
    configuration,
    folder,
    environment,
    parking,
  });
  checkTransports(configuration.servers, toServers);
  checkProfile(profile, configuration.profiles);

  const { metrics, ...observed } = observe(log);
  const cache = createCache(configuration, log);
  const baggage = forwardBaggage(configuration.orchestration.forwardBaggage ?? []);
  const orchestrator = createOrchestrator({
    servers: configuration.servers,
    transports: toServers,
    profiles: configuration.profiles,
    clientInfo: info,
    cursorKey: keys.cursors,
    taskKey: keys.tasks,
    ...orchestratorSettings(configuration),
    memoryOf: processMemory,
    // What the cache answers is no request to a server.
    middleware: (server) => [baggage, cache.middleware(server), ...observed.upstream(server.id)],
    cacheStatistics: () => cache.stats(),
    onLog: (server, line) => log.debug({ server }, printable(line)),
  });
  cache.follow(orchestrator);
  logFleet(orchestrator, log, (server) => failures.of(server));
  orchestrator.events.transition.listen(({ server, to }) => {
    if (to === undefined && !orchestrator.servers().some(({ id }) => id === server)) metrics.forget(server);
  });
  let current = configuration;
  const search = createSearch({
    orchestrator,
    servers: () => current.servers,
    data,
    log,
    saved: (tokens) => metrics.tokensSaved(tokens),
  });
  const state: { stopping: boolean; settled: boolean; endpoint: string | undefined } = {
    stopping: false,
    settled: false,
    endpoint: undefined,
  };
  const status = (detailed = false): GatewayStatus => {
    const definitions = new Map(current.servers.map((server) => [server.id, server]));
    const servers = orchestrator.servers().map((server) => {
      const definition = definitions.get(server.id);
      const tags = definition === undefined ? [] : serverWords(definition, undefined).tags;
      return describeServer(server, tags, detailed ? failures.of(server.id) : undefined);
    });
    const { stopping, endpoint } = state;
    const profiles = [...orchestrator.views.values()].map((view) => describeProfile(view, endpoint));
    return {
      status: overall(servers, stopping),
      version,
      ...(endpoint === undefined ? {} : { endpoint }),
      servers,
      ...(profiles.length === 0 ? {} : { profiles }),
    };
  };
  const processes = async (): Promise<ProcessReport> => {
    const live = governor.list();
    const memory = await processMemory(live.map(({ pid }) => pid));
    return reportProcesses({ version, servers: orchestrator.servers(), live, memory, nowMs: Date.now() });
  };
  // Bound before any server starts, so that a port in use costs nothing.
  const begin = Promise.withResolvers<void>();
  const settled = begin.promise.then(() => within(orchestrator.start(), settleMs));
  const ready = settled.catch(() => undefined);
  void ready.then(() => logProfileProblems(orchestrator, log));
  void ready.then(() => search.warm());
  void ready.then(() => (state.settled = true));
  const held = holdUntil(ready);
  const hold: Middleware = (next) => held(observed.door(next));
  const first = orchestrator.views.get(profile ?? 'default');
  const service = hold(first === undefined ? orchestrator.service : search.serviceOf(first));
  const listener = await listen(service, at, () => status());
  const endpoint = at === 'stdio' ? undefined : listener.address;
  state.endpoint = endpoint;
  begin.resolve();
  const close = async (options?: { readonly drainMs?: number }): Promise<void> => {
    state.stopping = true;
    await listener.close(options);
    await search.close();
    await orchestrator.close();
    await cache[Symbol.asyncDispose]();
    await governor
      .whenEmpty(AbortSignal.timeout(lingerMs))
      .catch(() => log.warn({ processes: governor.list() }, 'Some processes do not end.'));
  };
  const reload = async (next: Configuration): Promise<void> => {
    checkTransports(next.servers, toServers);
    const changes = changesBetween(current, next);
    current = next;
    onReload?.(next);
    await applyChanges(changes, orchestrator, log);
  };
  return { endpoint, status, reload, settled, closed: listener.closed, close, [Symbol.asyncDispose]: close };

  function listen(service: Service, place: GatewayOptions['at'], health: () => GatewayStatus): Promise<Listener> {
    if (place === 'stdio') return stdio.serve(service, { serverInfo: info });
    return http.serve(service, {
      serverInfo: info,
      ...place,
      path: endpointPath,
      toolHeaders: (tool) => (first ?? orchestrator).toolHeaders(tool),
      endpoints: [...orchestrator.views.values()].map((view) => profileEndpoint(view, hold(search.serviceOf(view)))),
      fallback: firstOf([
        healthDoor({ status: health, settled: () => state.settled }),
        metricsDoor({
          audience,
          scrape: () => metrics.scrape({ fleet: orchestrator, cache: () => cache.stats() }),
          contentType: metrics.contentType,
        }),
        operatorDoor({ token: operator, processes }),
      ]),
    });
  }
}

/** The transport with which the commands talk to a running gateway. */
export function createClientTransport(): Transport {
  return httpTransport();
}

async function within(started: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([started, promise]).finally(() => clearTimeout(timer));
}
