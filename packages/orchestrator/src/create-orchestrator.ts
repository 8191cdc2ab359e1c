import { checkDeployment, checkOptions } from './check-options.ts';
import { createTeller } from './events.ts';
import { govern } from './governing/govern.ts';
import type { Recycled } from './governing/rules.ts';
import { createLimiter } from './fleet/limiter.ts';
import { ownCaller } from './fleet/own-calls.ts';
import { Fleet } from './fleet/fleet.ts';
import { fleetOperations } from './fleet/operations.ts';
import type { Server } from './fleet/server.ts';
import { startAll } from './fleet/start-all.ts';
import { watchTransitions } from './fleet/transitions.ts';
import { serverQueries } from './gathering/gathering.ts';
import { keepRegistry, type RegistryProblem } from './gathering/registry-keeper.ts';
import { createSessions } from './gathering/sessions.ts';
import { createFeeds } from './listening/feeds.ts';
import type { OrchestratorOptions } from './options.ts';
import type { Orchestrator } from './orchestrator.ts';
import { createListenPlaces } from './routing/listen-places.ts';
import type { ServerEntry } from './server-entry.ts';
import { listenDelays, listenPace, recycleDrainMs, readSettings, registryPatienceMs } from './settings.ts';
import type { ServerStatus } from './status.ts';
import { statusOf } from './server-status.ts';
import { createTaskIds } from './tasks/task-ids.ts';
import { openProfile } from './views/open-profile.ts';
import { openView, type Shared } from './views/open-view.ts';

/** Makes one service of many servers. Throws `CONFIG_INVALID` for what can be seen to be wrong beforehand; nothing is connected until `start()`. */
export function createOrchestrator(options: OrchestratorOptions): Orchestrator {
  checkOptions(options);
  const settings = readSettings(options);
  const serverEvents = createTeller<ServerStatus>();
  const transitions = watchTransitions();
  const closing = new AbortController();
  const limiter = createLimiter(settings.startConcurrency, settings.startHoldMs);
  const caller = ownCaller(settings.clientInfo);
  const onRoster = (): void => {
    for (const { changes } of all) changes.touch();
    registry?.roster();
    governing.follow();
  };
  /** The definitions by which the servers of views were chosen. A server takes over another one when its turn comes. */
  const definitions = new WeakMap<Server, ServerEntry>();
  const onChange = (server: Server): void => {
    if (definitions.get(server) !== server.entry) {
      definitions.set(server, server.entry);
      fleet.changed();
      onRoster();
    }
    for (const view of all) if (view.roster.find(server.id) !== undefined) view.changes.touch();
    if (fleet.find(server.id) === server) {
      transitions.look(server);
      registry?.look(server.id);
    }
    if (!serverEvents.idle) serverEvents.tell(status(server));
  };
  const fleet = new Fleet({ settings, caller, limiter, onChange }, options.servers);
  for (const server of fleet.all) definitions.set(server, server.entry);
  const shared: Shared = {
    settings,
    taskIds: createTaskIds(settings.taskKey),
    feeds: createFeeds({
      ...settings,
      delays: listenDelays,
      pace: listenPace,
      share: settings.shareSubscriptions,
      ownCaller: caller,
      maxTopics: settings.limits.maxServerTopics,
    }),
    places: createListenPlaces(settings.limits),
    closing: closing.signal,
  };
  const whole = openView({ ...shared, roster: fleet, scope: '' });
  const profiles = (options.profiles ?? []).map((profile) => openProfile({ ...shared, profile, fleet }));
  const all = [whole, ...profiles];
  const close = async (): Promise<void> => {
    closing.abort();
    governing.close();
    await fleet.close();
    await registry?.close(registryPatienceMs);
    for (const { changes } of all) changes.close();
  };
  const status = (server: Server): ServerStatus => statusOf(server, whole.catalogue.current);
  const registryProblems = createTeller<RegistryProblem>();
  const registry = options.registry && keepRegistry({ registry: options.registry, fleet, tell: registryProblems.tell });
  const operations = fleetOperations({
    fleet,
    caller,
    closing: closing.signal,
    statusOf: status,
    check: (entry) => checkDeployment(entry, fleet.all.length + (fleet.find(entry.id) === undefined ? 1 : 0), options),
    onRoster,
    onGone: (id) => transitions.gone(id),
  });
  const recycles = createTeller<Recycled>();
  const governing = govern({
    servers: () => fleet.all,
    memoryOf: options.memoryOf,
    recycle: (server, instance) => server.recycle(instance, recycleDrainMs),
    retire: (server, instance) => server.retire(instance, recycleDrainMs),
    tell: recycles.tell,
    now: settings.now,
  });
  const settle = (): void => all.forEach(({ changes }) => changes.flush());
  let starting: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    if (starting === undefined) registry?.roster();
    return (starting ??= startAll(fleet.all, settings.failFast, close).finally(settle));
  };
  const sessions = createSessions({ begin, close, closing: closing.signal });
  const { cacheStatistics } = options;
  const orchestrator: Orchestrator = {
    ...operations,
    ...serverQueries({ fleet, caller, settings, closing: closing.signal, statusOf: status, cacheStatistics }),
    service: whole.view.service,
    toolHeaders: whole.view.toolHeaders,
    get tools() {
      return whole.view.tools;
    },
    views: new Map(profiles.map(({ view }) => [view.profile.name, view])),
    start() {
      sessions.keep();
      return begin();
    },
    session: () => sessions.open(orchestrator),
    servers: () => fleet.all.map(status),
    instructions: (id) => fleet.find(id)?.offer?.discovery.instructions,
    events: {
      server: serverEvents,
      transition: transitions.told,
      recycle: recycles,
      registry: registryProblems,
      ...whole.view.events,
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return orchestrator;
}
