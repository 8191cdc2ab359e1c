import type { ConfigProblem, Service } from '@toolyard/protocol';
import { RawJson, ToolyardError } from '@toolyard/protocol';
import { createCatalogue } from './catalogue/catalogue.ts';
import { watchChanges } from './catalogue/changes.ts';
import { createCursors } from './catalogue/cursor.ts';
import { createTeller } from './events.ts';
import { createLimiter } from './fleet/limiter.ts';
import { ownCaller } from './fleet/own-calls.ts';
import { Server } from './fleet/server.ts';
import { startAll } from './fleet/start-all.ts';
import { createFeeds } from './listening/feeds.ts';
import type { OrchestratorOptions } from './options.ts';
import type { Orchestrator } from './orchestrator.ts';
import { answerListen } from './routing/listen.ts';
import { createRouter } from './routing/router.ts';
import { ackTimeoutMs, listenDelays, listenPace, readSettings, settleMs } from './settings.ts';
import type { ServerStatus } from './status.ts';
import { statusOf } from './server-status.ts';
import { createTaskIds } from './tasks/task-ids.ts';

/** Makes one service of many servers. Throws `CONFIG_INVALID` for what can be seen to be wrong beforehand; nothing is connected until `start()`. */
export function createOrchestrator(options: OrchestratorOptions): Orchestrator {
  check(options);
  const settings = readSettings(options);
  const serverEvents = createTeller<ServerStatus>();
  const closing = new AbortController();
  const limiter = createLimiter(settings.startConcurrency, settings.startHoldMs);
  const caller = ownCaller(settings.clientInfo);
  const onChange = (server: Server): void => {
    changes.touch();
    if (!serverEvents.idle) serverEvents.tell(statusOf(server, catalogue.current));
  };
  const servers = options.servers.map(
    (entry, ordinal) => new Server({ entry, ordinal, settings, caller, limiter, onChange }),
  );
  const catalogue = createCatalogue(servers);
  const changes = watchChanges(catalogue, settleMs);
  const taskIds = createTaskIds(settings.taskKey);
  const shared = { ...settings, upstreams: servers, catalogue, changes, taskIds, delays: listenDelays };
  const feeds = createFeeds({
    ...shared,
    pace: listenPace,
    share: settings.shareSubscriptions,
    ownCaller: caller,
    maxTopics: settings.limits.maxServerTopics,
  });
  const router = createRouter({
    ...shared,
    cursors: createCursors(settings.cursorKey),
    serverInfo: RawJson.of(settings.serverInfo),
    listen: answerListen({ ...shared, feeds, ackTimeoutMs, closing: closing.signal }),
  });
  const service: Service = (call) => (closing.signal.aborted ? Promise.reject(closed()) : router(call));
  const close = async (): Promise<void> => {
    closing.abort();
    await Promise.all(servers.map((server) => server.close()));
    changes.close();
  };
  let starting: Promise<void> | undefined;
  return {
    service,
    start: () => (starting ??= startAll(servers, settings.failFast, close).finally(() => changes.flush())),
    toolHeaders: (tool) => catalogue.current.lists.tools.routes.get(tool)?.entry.headerParams,
    servers: () => servers.map((server) => statusOf(server, catalogue.current)),
    events: { server: serverEvents, catalogue: changes },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function closed(): ToolyardError {
  return new ToolyardError('CLOSED', { what: 'orchestrator' }, 'The orchestrator is closed.');
}

function check({ servers, naming }: OrchestratorOptions): void {
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
  if (problems.length === 0) return;
  throw new ToolyardError('CONFIG_INVALID', { problems }, problems.map(({ message }) => message).join(' '));
}
