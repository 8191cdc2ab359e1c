import type { Call, Caller, LogLevel, Notification } from './call.ts';
import { ToolyardError } from './errors/toolyard-error.ts';
import { RawObject } from './wire/raw-object.ts';

export interface CallOptions {
  /** Members of `params`; raw JSON in it stays verbatim. Default none. */
  readonly params?: RawObject | Readonly<Record<string, unknown>>;
  /** What is left out: principal `anonymous`, tenant `default`, no client info, no capabilities. */
  readonly caller?: Partial<Caller>;
  /** Default: nobody cancels. */
  readonly signal?: AbortSignal;
  /** As in `Call`. Default none. */
  readonly deadlineMs?: number;
  /** As in `Call`. Default: no progress is wanted. */
  readonly progressToken?: string | number;
  /** As in `Call`. Default: no log messages are wanted. */
  readonly logLevel?: LogLevel;
  /** Is told what belongs to the call; default: it is dropped. Must not throw. */
  readonly notify?: (notification: Notification) => Promise<void> | void;
}

/** A call of one's own, for whoever uses a `Service` without a transport in front of it. Throws `INVALID_PARAMS` for params that JSON cannot say: with a BigInt, or a circle. */
export function createCall(method: string, options: CallOptions = {}): Call {
  const { params = RawObject.empty, caller, signal, notify } = options;
  return {
    method,
    params: params instanceof RawObject ? params : written(params),
    caller: caller === undefined ? nobody : { ...nobody, ...caller },
    signal: signal ?? new AbortController().signal,
    deadlineMs: options.deadlineMs,
    progressToken: options.progressToken,
    logLevel: options.logLevel,
    notify: async (notification) => notify?.(notification),
  };
}

function written(params: Readonly<Record<string, unknown>>): RawObject {
  try {
    const raw = RawObject.of(params);
    // `toJSON` may make anything of an object: a date is a text.
    if (raw.bytes[0] === openBrace) return raw;
  } catch (cause) {
    throw unwritable(
      cause instanceof Error ? cause.message.split('\n', 1).join() : 'they throw what is no error',
      cause,
    );
  }
  throw unwritable('they are no object there');
}

function unwritable(why: string, cause?: unknown): ToolyardError<'INVALID_PARAMS'> {
  const reason = `These params cannot be written as a JSON object: ${why}`;
  return new ToolyardError('INVALID_PARAMS', { reason }, reason, { cause });
}

const openBrace = 0x7b;

const nobody: Caller = {
  principal: 'anonymous',
  tenant: 'default',
  clientInfo: undefined,
  capabilities: RawObject.empty,
};
