import {
  type Call,
  type Caller,
  type LogLevel,
  logLevels,
  type Notification,
  type TraceContext,
} from '../../../call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { MessageId } from '../../../pipe.ts';
import type { Service } from '../../../service.ts';
import type { NotificationEnvelope, RequestEnvelope } from '../../../wire/envelope.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { type AskBounds, callThroughQuestions } from '../../bridge/ask.ts';
import type { Channel } from '../../channel/channel.ts';
import type { ServedCalls, ServedRequest } from '../../channel/server/served-calls.ts';
import { defaultMaxPendingBytes } from '../../defaults.ts';
import { readMeta } from '../../modern/meta.ts';
import type { PipeServeOptions } from '../../pipe/pipe-options.ts';
import { modernMethods, removedMethods } from '../../removed-methods.ts';
import { negotiateLegacyRevision, newestLegacyRevision } from '../../revisions.ts';
import {
  callerFromInitialize,
  initializeResult,
  legacyKnowsNotification,
  toLegacyError,
  toLegacyResult,
  toolErrorResult,
} from '../translate/translate.ts';
import { ServerSubscriptions } from './server-subscriptions.ts';

export interface LegacyServerParts {
  readonly channel: Channel;
  readonly calls: ServedCalls;
  readonly service: Service;
  readonly options: PipeServeOptions;
  /** `Caller.session` of its calls. */
  readonly session: string;
  /** Where a request that just came stands in a trace. */
  readonly traceOf?: (request: MessageId) => TraceContext | undefined;
}

const defaultMaxAskRounds = 10;
const defaultAskTimeoutMs = 300_000;
const defaultMaxSubscriptions = 1_000;
/** What a session hears that never said what it wants: the choice is the server's (spec 2025-11-25: server/utilities/logging). */
const defaultLogLevel: LogLevel = 'info';

/**
 * One session of a client before 2026-07-28. What its revision keeps in the session (who it is, its log level, the resources it watches) is put on each
 * call; what is about the session itself is answered here.
 */
export class LegacyServerSession {
  readonly #parts: LegacyServerParts;
  readonly #bounds: AskBounds;
  readonly #subscriptions: ServerSubscriptions;
  #caller: Caller | undefined;
  #revision: string = newestLegacyRevision;
  #logLevel: LogLevel = defaultLogLevel;
  /** Settles with the answer to `initialize`: `false` where it failed. Requests that a client sends without waiting for it wait here. */
  #ready: Promise<boolean> | undefined;

  constructor(parts: LegacyServerParts) {
    const { channel, service, options } = parts;
    this.#parts = parts;
    this.#bounds = {
      maxAskRounds: options.maxAskRounds ?? defaultMaxAskRounds,
      askTimeoutMs: options.askTimeoutMs ?? defaultAskTimeoutMs,
    };
    this.#subscriptions = new ServerSubscriptions(channel, service, {
      maxUris: options.maxSubscriptions ?? defaultMaxSubscriptions,
      maxPendingBytes: options.maxPendingBytes ?? defaultMaxPendingBytes,
    });
  }

  /** Whether `initialize` has been asked for, and has not failed. */
  get begun(): boolean {
    return this.#ready !== undefined;
  }

  /** As agreed on in `initialize`; our newest before that. */
  get revision(): string {
    return this.#revision;
  }

  request(request: RequestEnvelope): void {
    const { channel, calls, traceOf } = this.#parts;
    const { id, method, params } = request;
    if (method === 'initialize') return this.#initialize(request);
    if (method === 'ping') return void channel.reply(id, RawObject.empty);
    const { progressToken } = readMeta(params);
    calls.serve({
      id,
      call: {
        method,
        params,
        caller: this.#caller ?? this.#identify(RawObject.empty),
        progressToken,
        logLevel: this.#logLevel,
        trace: traceOf?.(id),
      },
      answer: (call) => this.#answer(request, call),
      notification: (notification) => this.#told(notification, progressToken !== undefined),
      error: (error) => toLegacyError(method, error),
    });
  }

  notification({ method, params }: NotificationEnvelope): void {
    if (method === 'notifications/cancelled')
      this.#parts.calls.cancel(params.member('requestId')?.text, params.string('reason'));
    else if (method === 'notifications/initialized')
      void this.#ready?.then((ready) => ready && this.#subscriptions.open());
  }

  end(): void {
    this.#subscriptions.end();
  }

  #initialize({ id, method, params }: RequestEnvelope): void {
    if (this.#ready !== undefined) {
      this.#parts.calls.serve(this.#refused(id, method, 'the session is initialized already'));
      return;
    }
    const ready = Promise.withResolvers<boolean>();
    this.#ready = ready.promise;
    this.#caller = this.#identify(params);
    this.#revision = negotiateLegacyRevision(params.string('protocolVersion'));
    const request: ServedRequest = {
      id,
      call: {
        method: 'server/discover',
        params: RawObject.empty,
        caller: this.#caller,
        progressToken: undefined,
        logLevel: undefined,
      },
      answer: async (call) => {
        try {
          const { result } = await this.#parts.service(call);
          this.#subscriptions.learn(call.caller, result.object('capabilities') ?? RawObject.empty);
          const serverInfo = RawObject.of(this.#parts.options.serverInfo);
          const answer = initializeResult(result, { revision: this.#revision, serverInfo });
          ready.resolve(true);
          return answer;
        } catch (error) {
          this.#ready = undefined;
          ready.resolve(false);
          throw error;
        }
      },
      notification: () => undefined,
      error: (error) => toLegacyError(method, error),
      cancellable: false,
    };
    this.#parts.calls.serve(request);
  }

  async #answer({ id, method, params }: RequestEnvelope, call: Call): Promise<RawObject> {
    if (!(await this.#ready)) throw invalid('the session has not been initialized');
    switch (method) {
      case 'logging/setLevel':
        return this.#setLevel(params.string('level'));
      case 'resources/subscribe':
        await this.#subscriptions.subscribe(uriOf(params));
        return RawObject.empty;
      case 'resources/unsubscribe':
        await this.#subscriptions.unsubscribe(uriOf(params));
        return RawObject.empty;
      default:
        return this.#passOn(method, call, id);
    }
  }

  async #passOn(method: string, waited: Call, lane: string): Promise<RawObject> {
    if (removedMethods.has(method) || modernMethods.has(method))
      throw new ToolyardError('METHOD_UNKNOWN', { method }, `There is no method ${method}.`);
    const call: Call = { ...waited, caller: this.#caller ?? waited.caller };
    try {
      const { channel, service } = this.#parts;
      return toLegacyResult(
        method,
        await callThroughQuestions(service, call, { channel, lane, revision: this.#revision }, this.#bounds),
        this.#revision,
      );
    } catch (error) {
      // A model can do something about a tool that failed, and nothing about a protocol error.
      if (method === 'tools/call' && ToolyardError.is(error, 'QUESTION_FAILED'))
        return toLegacyResult(method, toolErrorResult(error.message), this.#revision);
      throw error;
    }
  }

  #setLevel(level: string | undefined): RawObject {
    const known = logLevels.find((one) => one === level);
    if (known === undefined)
      throw new ToolyardError(
        'INVALID_PARAMS',
        { reason: 'level is no log level' },
        'Invalid params: level is no log level.',
      );
    this.#logLevel = known;
    return RawObject.empty;
  }

  #told(notification: Notification, wantsProgress: boolean): Notification | undefined {
    if (notification.method === 'notifications/progress' && !wantsProgress) return undefined;
    return legacyKnowsNotification(notification.method, this.#revision) ? notification : undefined;
  }

  #identify(params: RawObject): Caller {
    const { principal = 'anonymous', tenant = 'default' } = this.#parts.options;
    return callerFromInitialize(params, { principal, tenant, session: this.#parts.session });
  }

  #refused(id: RequestEnvelope['id'], method: string, reason: string): ServedRequest {
    return {
      id,
      call: {
        method,
        params: RawObject.empty,
        caller: this.#identify(RawObject.empty),
        progressToken: undefined,
        logLevel: undefined,
      },
      answer: () => Promise.reject(invalid(reason)),
      notification: () => undefined,
    };
  }
}

function invalid(reason: string): ToolyardError<'INVALID_REQUEST'> {
  return new ToolyardError('INVALID_REQUEST', { reason }, `Invalid request: ${reason}.`);
}

function uriOf(params: RawObject): string {
  const uri = params.string('uri');
  if (uri !== undefined) return uri;
  throw new ToolyardError('INVALID_PARAMS', { reason: 'uri is missing' }, 'Invalid params: uri is missing.');
}
