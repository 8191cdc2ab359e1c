import { createTeller, type Told } from '../events.ts';
import type { ServerState, Transition } from '../status.ts';
import type { Server } from './server.ts';

/** Tells of servers that entered another state, once each. */
export interface Transitions {
  readonly told: Told<Transition>;
  /** Something of it changed, perhaps its state. */
  look(server: Server): void;
  gone(server: string): void;
}

export function watchTransitions(): Transitions {
  const teller = createTeller<Transition>();
  const known = new Map<string, ServerState>();
  return {
    told: teller,
    look(server) {
      const from = known.get(server.id);
      const to = server.state;
      if (from === to) return;
      known.set(server.id, to);
      const reason = to === 'unhealthy' || to === 'degraded' ? server.lastError : undefined;
      teller.tell({ server: server.id, from, to, reason });
    },
    gone(server) {
      const from = known.get(server);
      if (known.delete(server)) teller.tell({ server, from, to: undefined, reason: undefined });
    },
  };
}
