import { createCall, RawJson, RawObject, type Service, ToolyardError } from '@toolyard/protocol';
import type { Plan } from './plan.ts';

/** How a call ended, whichever way it was made. */
export interface Ending {
  /** What came back as `structuredContent`, byte for byte where the door can tell; `undefined` for an error. */
  readonly echoed?: string | undefined;
  /** In whose name the call was made. */
  readonly principal?: string;
  /** The code of the error; `uncoded` for one that has none. */
  readonly code?: string;
  /** For who has to find out what went wrong. */
  readonly words?: string;
}

export interface Made {
  readonly signal: AbortSignal;
  readonly deadlineMs: number | undefined;
  /** Hears of progress: what its message is. */
  readonly onProgress: (message: unknown) => void;
}

/** A way to make calls of the gateway. */
export interface Door {
  readonly name: string;
  /** Whether replies are seen as they were spelled. */
  readonly exact: boolean;
  call(plan: Plan, made: Made): Promise<Ending>;
}

const encoder = new TextEncoder();

/** `service`: the orchestrator itself, or a connection to it, whose own principal counts then. */
export function serviceDoor(name: string, service: Service, principal: () => string): Door {
  return {
    name,
    exact: true,
    async call({ server, tool, args, key, wantsProgress }, { signal, deadlineMs, onProgress }) {
      const caller = principal();
      const call = createCall('tools/call', {
        params: RawObject.of({ name: `${server}__${tool}`, arguments: new RawJson(encoder.encode(args)) }),
        caller: { principal: caller },
        signal,
        ...(deadlineMs !== undefined && { deadlineMs }),
        ...(wantsProgress && { progressToken: `token of ${key}` }),
        notify: ({ method, params }) => {
          if (method === 'notifications/progress') onProgress(params.member('message')?.value);
        },
      });
      try {
        const { result } = await service(call);
        return { echoed: result.member('structuredContent')?.text ?? result.text, principal: caller };
      } catch (error) {
        return endingOf(error);
      }
    },
  };
}

function endingOf(error: unknown): Ending {
  if (!ToolyardError.is(error)) return { code: 'uncoded', words: String(error) };
  if (!ToolyardError.is(error, 'UPSTREAM_ERROR')) return { code: error.code, words: wordsOf(error) };
  // Through a door of the gateway, its error stands in the one that the client was given.
  const code = error.facts.error.object('data')?.string('code');
  return { code: code ?? 'uncoded', words: error.facts.error.text };
}

/** With all that it was caused by. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${wordsOf(error.cause)})`;
}
