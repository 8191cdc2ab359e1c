import type { ConfigProblem } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { checkProfiles } from '@toolyard/registry';
import { createTeller } from './events.ts';
import { createLimiter } from './fleet/limiter.ts';
import { ownCaller } from './fleet/own-calls.ts';
import { Server } from './fleet/server.ts';
import { startAll } from './fleet/start-all.ts';
import { createFeeds } from './listening/feeds.ts';
import type { OrchestratorOptions } from './options.ts';
import type { Orchestrator } from './orchestrator.ts';
import { createListenPlaces } from './routing/listen-places.ts';
import { listenDelays, listenPace, readSettings } from './settings.ts';
import type { ServerStatus } from './status.ts';
import { statusOf } from './server-status.ts';
import { createTaskIds } from './tasks/task-ids.ts';
import { openProfile } from './views/open-profile.ts';
import { openView, type Shared } from './views/open-view.ts';

/** Makes one service of many servers. Throws `CONFIG_INVALID` for what can be seen to be wrong beforehand; nothing is connected until `start()`. */
export function createOrchestrator(options: OrchestratorOptions): Orchestrator {
  check(options);
  const settings = readSettings(options);
  const serverEvents = createTeller<ServerStatus>();
  const closing = new AbortController();
  const limiter = createLimiter(settings.startConcurrency, settings.startHoldMs);
  const caller = ownCaller(settings.clientInfo);
  const onChange = (server: Server): void => {
    for (const view of all) if (view.servers.has(server.id)) view.changes.touch();
    if (!serverEvents.idle) serverEvents.tell(statusOf(server, whole.catalogue.current));
  };
  const servers = options.servers.map(
    (entry, ordinal) => new Server({ entry, ordinal, settings, caller, limiter, onChange }),
  );
  const byId = new Map(servers.map((server) => [server.id, server]));
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
  const whole = openView({ ...shared, upstreams: servers, scope: '' });
  const profiles = (options.profiles ?? []).map((profile) =>
    openProfile({ ...shared, profile, entries: options.servers, upstreams: servers }),
  );
  const all = [whole, ...profiles];
  const close = async (): Promise<void> => {
    closing.abort();
    await Promise.all(servers.map((server) => server.close()));
    for (const { changes } of all) changes.close();
  };
  const settle = (): void => all.forEach(({ changes }) => changes.flush());
  let starting: Promise<void> | undefined;
  return {
    service: whole.view.service,
    toolHeaders: whole.view.toolHeaders,
    get tools() {
      return whole.view.tools;
    },
    views: new Map(profiles.map(({ view }) => [view.profile.name, view])),
    start: () => (starting ??= startAll(servers, settings.failFast, close).finally(settle)),
    servers: () => servers.map((server) => statusOf(server, whole.catalogue.current)),
    instructions: (id) => byId.get(id)?.offer?.discovery.instructions,
    events: { server: serverEvents, ...whole.view.events },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function check({ servers, naming, profiles = [] }: OrchestratorOptions): void {
  const problems: ConfigProblem[] = [];
  const complain = (path: string, message: string): void => void problems.push({ line: 0, column: 0, path, message });
  const seen = new Set<string>();
  for (const { id } of servers) {
    if (id === '') complain('servers', 'A server has an empty id.');
    if (seen.has(id)) complain(`servers.${id}`, `The id ${id} is given twice; each server needs one of its own.`);
    seen.add(id);
  }
  if (servers.length > 65_535) complain('servers', `There are ${servers.length} servers; 65,535 are the most.`);
  if (naming === 'flat' && servers.length !== 1) {
    complain('naming', `Flat naming is for one server, and there are ${servers.length}: use prefixed.`);
  }
  for (const problem of checkProfiles(profiles, { servers, ...(naming !== undefined && { naming }) }))
    complain(problem.path, `${problem.path}: ${problem.message}${problem.message.endsWith('?') ? '' : '.'}`);
  if (problems.length === 0) return;
  throw new ToolyardError('CONFIG_INVALID', { problems }, problems.map(({ message }) => message).join(' '));
}
