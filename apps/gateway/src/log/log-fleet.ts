import { answers, type Orchestrator, type ServerState } from '@toolyard/orchestrator';

import { printable } from '../cli/table.ts';
import type { Logger } from './logger.ts';

/** Tells when servers come up, go down and have instances replaced. `words`: more about why one is down than callers may know. */
export function logFleet(
  { events }: Pick<Orchestrator, 'events'>,
  log: Logger,
  words: (server: string) => string | undefined,
): void {
  events.recycle.listen(({ server, instance, why }) =>
    log.info(
      { server, instance, why },
      `${server}: instance ${instance} ${why === 'idle' ? 'is not needed any more' : `is replaced (${why})`}`,
    ),
  );
  const last = new Map<string, ServerState>();
  events.server.listen(({ id, state, peer, counts, lastError }) => {
    const known = last.get(id);
    last.set(id, state);
    if (answers(state) && (known === undefined || !answers(known)))
      log.info({ server: id, wire: peer?.wire, revision: peer?.revision, tools: counts.tools }, `${id} is up`);
    if (state === 'unhealthy')
      log[known === 'unhealthy' ? 'debug' : 'warn'](
        { server: id, code: lastError?.code },
        `${id} is down: ${printable(words(id) ?? lastError?.message ?? '')}`,
      );
  });
}

/** Tells what of the profiles does not fit what the servers offer. */
export function logProfileProblems({ views }: Pick<Orchestrator, 'views'>, log: Logger): void {
  for (const [profile, view] of views)
    for (const { tool, reason } of view.problems())
      log.warn({ profile, tool }, `profile ${profile}, ${tool}: ${reason}`);
}
