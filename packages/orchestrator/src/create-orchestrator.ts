import { createTeller, ToolyardError } from '@toolyard/protocol';
import { checkAdjustable, checkDeployment, checkOptions, checkProfile } from './checking/check-options.ts';
import { govern } from './governing/govern.ts';
import type { Recycled } from './governing/rules.ts';
import { createLimiter } from './fleet/limiter.ts';
import { ownCaller } from './fleet/offer/own-calls.ts';
import { Fleet } from './fleet/fleet.ts';
import { fleetOperations } from './fleet/operations.ts';
import type { Server } from './fleet/server/server.ts';
import { startAll } from './fleet/start-all.ts';
import { watchTransitions } from './fleet/transitions.ts';
import { serverQueries } from './gathering/gathering.ts';
import { keepRegistry, type RegistryProblem } from './gathering/registry-keeper.ts';
import { createSessions } from './gathering/sessions.ts';
import { createFeeds } from './listening/feeds.ts';
import type { OrchestratorOptions } from './options.ts';
import type { Orchestrator } from './orchestrator.ts';
import { createListenPlaces } from './routing/listen/listen-places.ts';
import type { ServerEntry } from './server-entry.ts';
import {
  listenDelays,
  listenPace,
  readLiveSettings,
  readSettings,
  recycleDrainMs,
  registryPatienceMs,
} from './settings.ts';
import type { ServerStatus } from './status.ts';
import { statusOf } from './server-status.ts';
import { createTaskIds } from './tasks/task-ids.ts';
import { openView, type OpenView, type Shared } from './views/open-view.ts';
import { createProfileViews } from './views/profile-views.ts';

/** Makes one service of many servers. Throws `CONFIG_INVALID` for what can be seen to be wrong beforehand; nothing is connected until `start()`. */
export function createOrchestrator(options: OrchestratorOptions): Orchestrator {
  const servers = checkOptions(options);
  const settings = readSettings(options);
  const serverEvents = createTeller<ServerStatus>();
  const transitions = watchTransitions<Server>({ servers: () => fleet.all, onChange: (server) => onChange(server) });
  const closing = new AbortController();
  const limiter = createLimiter(() => settings.live.current.startConcurrency, settings.startHoldMs);
  const caller = ownCaller(settings.clientInfo);
  const onRoster = (): void => {
    for (const { changes } of all()) changes.touch();
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
    for (const view of all()) if (view.roster.find(server.id) !== undefined) view.changes.touch();
    if (fleet.find(server.id) === server) {
      transitions.look(server);
      registry?.look(server.id);
    }
    if (!serverEvents.idle) serverEvents.tell(status(server));
  };
  const fleet = new Fleet({ settings, caller, limiter, onChange, onTrouble: transitions.wake }, servers);
  for (const server of fleet.all) definitions.set(server, server.entry);
  const shared: Omit<Shared, 'closing'> = {
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
  };
  const whole = openView({ ...shared, closing: closing.signal, roster: fleet, scope: '' });
  const profiles = createProfileViews({ ...shared, fleet, everything: whole.catalogue }, options.profiles ?? []);
  const all = (): readonly OpenView[] => [whole, ...profiles.open];
  const close = async (): Promise<void> => {
    closing.abort();
    profiles.end();
    governing.close();
    await fleet.close();
    await registry?.close(registryPatienceMs);
    for (const { changes } of all()) changes.close();
    transitions.close();
    for (const events of [serverEvents, recycles, registryProblems]) events.end();
  };
  const status = (server: Server): ServerStatus => statusOf<Server>(server, () => whole.catalogue.current);
  const registryProblems = createTeller<RegistryProblem>();
  const registry = options.registry && keepRegistry({ registry: options.registry, fleet, tell: registryProblems.tell });
  const operations = fleetOperations({
    fleet,
    caller,
    closing: closing.signal,
    statusOf: status,
    check: (id, definition) =>
      checkDeployment(id, definition, fleet.all.length + (fleet.find(id) === undefined ? 1 : 0), options),
    onRoster,
    onGone: (id) => transitions.gone(id),
  });
  const recycles = createTeller<Recycled>();
  const governing = govern({
    servers: () => fleet.all,
    memoryOf: options.memoryOf,
    recycle: (server, instance) => server.changes.recycle(instance, recycleDrainMs),
    retire: (server, instance) => server.changes.retire(instance, recycleDrainMs),
    tell: recycles.tell,
    now: settings.now,
  });
  const settle = (): void => all().forEach(({ changes }) => changes.flush());
  let starting: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    if (starting === undefined && closing.signal.aborted) return Promise.reject(closed());
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
    views: profiles.views,
    setProfile(profile) {
      if (closing.signal.aborted) throw closed();
      checkProfile(profile, options);
      return profiles.set(profile);
    },
    removeProfile: (name) => profiles.remove(name),
    configure(adjusted) {
      checkAdjustable(adjusted);
      settings.live.current = readLiveSettings(adjusted);
      limiter.letIn();
    },
    start() {
      sessions.keep();
      // One that failed closed everything, and says so itself.
      return closing.signal.aborted ? begin().then(() => Promise.reject(closed())) : begin();
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

function closed(): ToolyardError<'CLOSED'> {
  return new ToolyardError('CLOSED', { what: 'orchestrator' }, 'The orchestrator is closed.');
}
