import type { Orchestrator } from '@toolyard/orchestrator';

/** Calls `forget` when a server was undeployed and none was deployed under its id meanwhile. Returns what ends that. */
export function whenGone(
  { events, servers }: Pick<Orchestrator, 'servers'> & { readonly events: Pick<Orchestrator['events'], 'transition'> },
  forget: (server: string) => void,
): () => void {
  return events.transition.listen(({ server, to }) => {
    if (to === undefined && !servers().some(({ id }) => id === server)) forget(server);
  });
}
