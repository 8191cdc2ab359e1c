import { ToolyardError } from '@toolyard/protocol';
import { orAborted } from '../waiting/pause.ts';
import { checkRequest, isCall } from '../checking/check-call.ts';
import { aSignal, checkParams } from '../checking/check-params.ts';
import type { Orchestrator, OrchestratorSession } from '../orchestrator.ts';
import { cancelled } from '../resilience/cancelled.ts';

export interface SessionsOptions {
  readonly begin: () => Promise<void>;
  readonly close: () => Promise<void>;
  readonly closing: AbortSignal;
}

/** Those that share one orchestrator. The last to end closes it, unless somebody else started it, who then closes it too. */
export interface Sessions {
  /** Somebody started it who is no session. */
  keep(): void;
  open(orchestrator: Orchestrator): OrchestratorSession;
}

export function createSessions({ begin, close, closing }: SessionsOptions): Sessions {
  let open = 0;
  let kept = false;
  return {
    keep: () => void (kept = true),
    open(orchestrator) {
      open++;
      let over = false;
      const started = begin().then(() => {
        if (closing.aborted) throw closed('orchestrator');
        return orchestrator;
      });
      // Who asks for something is told.
      started.catch(() => undefined);
      const ready = async (signal?: AbortSignal): Promise<Orchestrator> => {
        if (over) throw closed('session');
        checkParams('What was asked for', { signal }, { signal: aSignal });
        if (signal === undefined) return started;
        return orAborted(started, signal).catch((error: unknown) => {
          throw signal.aborted ? cancelled(signal, error) : error;
        });
      };
      return {
        ready: () => ready(),
        service: async (call) => (isCall(call) ? (await ready(call.signal)).service(call) : orchestrator.service(call)),
        async execute(id, request) {
          checkRequest(request);
          return (await ready(request.signal)).execute(id, request);
        },
        resourcesForDomain: async (domain, given) => (await ready(given?.signal)).resourcesForDomain(domain, given),
        gatherAllResources: async (given) => (await ready(given?.signal)).gatherAllResources(given),
        async [Symbol.asyncDispose]() {
          if (over) return;
          over = true;
          open--;
          if (open === 0 && !kept) await close();
        },
      };
    },
  };
}

function closed(what: string): ToolyardError<'CLOSED'> {
  return new ToolyardError('CLOSED', { what }, `The ${what} is closed.`);
}
