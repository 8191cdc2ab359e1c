import { createTeller, type Told } from '@toolyard/protocol';
import type { ServerState, Transition } from '../status.ts';
import type { Server } from './server/server.ts';

type WatchedServer = Pick<Server, 'id' | 'windows' | 'condition'>;

export interface TransitionsOptions<S extends WatchedServer> {
  /** Asked anew each time. */
  readonly servers: () => readonly S[];
  /** It entered another state by itself; to be told back by `look`. */
  readonly onChange: (server: S) => void;
}

/** Tells of servers that entered another state, once each. */
export interface Transitions {
  readonly told: Told<Transition>;
  /** Something of it changed, perhaps its state. */
  look(server: WatchedServer): void;
  /** A call was a fault, or slow: from now on, and for as long as states may change by themselves, all servers are looked at each second. */
  wake(): void;
  gone(server: string): void;
  /** Ends the telling. */
  close(): void;
}

const lookEveryMs = 1_000;

/** Calls that fail or take long, and that they are long over, change a state without anybody saying so; and so does time while a breaker is open. */
export function watchTransitions<S extends WatchedServer>({ servers, onChange }: TransitionsOptions<S>): Transitions {
  const teller = createTeller<Transition>();
  const known = new Map<string, ServerState>();
  let timer: NodeJS.Timeout | undefined;
  let over = false;

  const look = (server: WatchedServer): void => {
    const from = known.get(server.id);
    const { state: to, reason } = server.condition;
    if (mayChange(to)) wake();
    if (from === to) return;
    known.set(server.id, to);
    teller.tell({ server: server.id, from, to, reason });
  };
  const wake = (): void => {
    if (over || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      for (const server of servers()) {
        const isTroubled = server.windows.some(({ troubled }) => troubled);
        const state = known.get(server.id);
        if (!isTroubled && !mayChange(state)) continue;
        if (server.condition.state !== state) onChange(server);
        wake();
      }
    }, lookEveryMs);
    timer.unref();
  };
  return {
    told: teller,
    look,
    wake,
    gone(server) {
      const from = known.get(server);
      if (known.delete(server)) teller.tell({ server, from, to: undefined, reason: undefined });
    },
    close() {
      over = true;
      clearTimeout(timer);
      teller.end();
    },
  };
}

/** A server that takes no calls is said to be back by whoever connects it, unless it is its breaker that keeps them away. */
function mayChange(state: ServerState | undefined): boolean {
  return state === 'degraded' || state === 'unhealthy';
}
