import { createOrchestrator } from '@toolyard/orchestrator';
import { createParking, type Middleware } from '@toolyard/protocol';
import { processMemory } from '@toolyard/transport-stdio';

import { createCache } from './cache/gateway-cache.ts';
import { printable } from './cli/table.ts';
import { deriveKeys } from './data/keys.ts';
import { boundCalls } from './doors/bound-calls.ts';
import { doorBounds } from './doors/door-bounds.ts';
import { healthDoor } from './doors/health.ts';
import { holdUntil, within } from './doors/hold-until.ts';
import { openDoors } from './doors/open-doors.ts';
import { openFileLimit } from './doors/open-files.ts';
import type { Gateway, GatewayOptions } from './gateway.ts';
import { logFleet } from './log/log-fleet.ts';
import { logLeftOut } from './log/log-left-out.ts';
import { logProfileProblems } from './log/log-profiles.ts';
import { collectLongResults } from './memory/long-results.ts';
import { markForObjects } from './memory/marking.ts';
import { youngCollection } from './memory/young-collection.ts';
import { forwardBaggage } from './observe/baggage.ts';
import { metricsDoor } from './observe/metrics-door.ts';
import { observe } from './observe/observe.ts';
import { operatorDoor } from './processes/operator-door.ts';
import { observeProcesses } from './processes/observe-processes.ts';
import { checkServed, frontView, servedProfiles, viewsOf } from './profiles/profiles.ts';
import { takeOver } from './reload/take-over.ts';
import { createSearch } from './search/search.ts';
import { gatewayStatus } from './status/gateway-status.ts';
import type { GatewayStatus } from './status/status.ts';
import { checkTransports } from './upstreams/check-transports.ts';
import { gatewayTransports } from './upstreams/gateway-transports.ts';
import { orchestratorSettings } from './upstreams/settings.ts';
import { whenGone } from './upstreams/when-gone.ts';
import { version } from './version.ts';

const info = { name: 'toolyard', version };
/** How long servers that start slowly keep the others waiting. */
const settleMs = 5_000;
/** How long processes may take to end when all is closed: more than they are given before they are killed. */
const lingerMs = 10_000;

/** The composition root: a configuration becomes transports, an orchestrator over them, and doors in front. */
export async function composeGateway(options: GatewayOptions): Promise<Gateway> {
  const { configuration, folder, data, environment, log, profile: chosen, at } = options;
  const keys = deriveKeys(options.secret);
  const parking = createParking({ key: keys.parking });
  const ways = gatewayTransports({ configuration, folder, environment, parking });
  const { toServers, governor, failures } = ways;
  const served = { chosen, naming: configuration.orchestration.naming };
  checkTransports(configuration.servers, toServers);
  checkServed(configuration, served);

  const openFiles = openFileLimit();
  let current = configuration;
  const observed = observe(log);
  const { metrics } = observed;
  const cache = createCache(configuration, log);
  const baggage = forwardBaggage(() => current.orchestration.forwardBaggage ?? []);
  const orchestrator = createOrchestrator({
    servers: configuration.servers,
    transports: toServers,
    clientInfo: info,
    cursorKey: keys.cursors,
    taskKey: keys.tasks,
    ...orchestratorSettings(configuration),
    memoryOf: processMemory,
    // What the cache answers is no request to a server.
    middleware: (server) => [baggage, cache.middleware(server), ...observed.upstream(server.id)],
    cacheStatistics: () => cache.stats(),
    onLog: (server, line, level) => log[level ?? 'debug']({ server }, printable(line)),
  });
  for (const profile of servedProfiles(configuration.profiles, served)) orchestrator.setProfile(profile);
  cache.follow(orchestrator);
  logFleet(orchestrator, log, (server) => failures.of(server));
  logLeftOut(orchestrator, log);
  whenGone(orchestrator, (server) => {
    metrics.forget(server);
    failures.forget(server);
  });
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
  const status = (detailed = false): GatewayStatus =>
    gatewayStatus({ orchestrator, failures, configuration: () => current, state }, detailed);

  const begin = Promise.withResolvers<void>();
  const settled = begin.promise.then(() => within(orchestrator.start(), settleMs));
  const ready = settled.catch(() => undefined);
  void ready.then(() => logProfileProblems(orchestrator.views.values(), log));
  void ready.then(() => search.warm());
  void ready.then(() => (state.settled = true));
  const held = holdUntil(ready);
  const bounded = boundCalls(() => doorBounds(current, openFiles).maxInFlight);
  const tidy = collectLongResults(() => {
    markForObjects();
    return youngCollection();
  });
  const guarded: Middleware = (next) => held(tidy(observed.door(bounded(next))));
  const front = frontView(orchestrator, chosen);
  // They are open before any server starts, so that a port in use costs nothing.
  const doors = await openDoors({
    at,
    ...ways,
    serverInfo: info,
    bounds: doorBounds(configuration, openFiles),
    front: {
      service: guarded(front === undefined ? orchestrator.service : search.serviceOf(front)),
      toolHeaders: (tool) => (front ?? orchestrator).toolHeaders(tool),
    },
    profileService: (view) => guarded(search.serviceOf(view)),
    doors: [
      healthDoor({ status, settled: () => state.settled }),
      metricsDoor({
        audience: options.metrics ?? 'local',
        scrape: () => metrics.scrape({ fleet: orchestrator, cache: () => cache.stats() }),
        contentType: metrics.contentType,
      }),
      operatorDoor({
        token: options.operator,
        processes: () => observeProcesses({ version, configuration: () => current, orchestrator, failures, governor }),
      }),
    ],
  });
  const showProfiles = (): void => doors.show(viewsOf(current.profiles, orchestrator));
  showProfiles();
  const { endpoint } = doors;
  state.endpoint = endpoint;
  begin.resolve();
  const close = async (given?: { readonly drainMs?: number }): Promise<void> => {
    state.stopping = true;
    await doors.close(given);
    await search.close();
    await orchestrator.close();
    await cache[Symbol.asyncDispose]();
    observed[Symbol.dispose]();
    await governor
      .whenEmpty(AbortSignal.timeout(lingerMs))
      .catch(() => log.warn({ processes: governor.list() }, 'Some processes do not end.'));
  };
  const reload: Gateway['reload'] = async (next) => {
    if (state.stopping) return;
    const begun = (): void => {
      current = next;
      options.onReload?.(next);
    };
    const before = current;
    takeOver({ before, next, toServers, orchestrator, governor, cache, served, log, begin: begun, showProfiles });
    void search.warm();
  };
  return { endpoint, status, reload, settled, closed: doors.closed, close, [Symbol.asyncDispose]: close };
}
