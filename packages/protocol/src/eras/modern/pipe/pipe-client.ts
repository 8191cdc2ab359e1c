import { cancelled, onAbort } from '../../../abort.ts';
import type { Call } from '../../../call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { toWireError } from '../../../errors/wire-error.ts';
import type { Reply } from '../../../reply.ts';
import type { Connection } from '../../../transport.ts';
import { RawJson } from '../../../wire/raw-json.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { interruptible } from '../../bridge/question.ts';
import type { Channel, ChannelUser } from '../../channel/channel.ts';
import { CallsInFlight, type Flight, isImpersonal } from '../../channel/client/calls-in-flight.ts';
import { channelConnection } from '../../channel/client/connection.ts';
import { defaultMaxTimeoutMs, defaultTimeoutMs } from '../../defaults.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import { modernRevision } from '../../revisions.ts';
import { translateHopError } from '../hop-error.ts';
import { withProgressToken, writeMeta } from '../meta.ts';
import { PipeSubscriptions } from './pipe-subscriptions.ts';

/** A connection to a server that speaks 2026-07-28, over a channel that has found out so. */
export function modernPipeConnection(channel: Channel, options: PipeConnectOptions): Connection {
  const { upstream, timeoutMs = defaultTimeoutMs, maxTimeoutMs = defaultMaxTimeoutMs } = options;
  const clientInfo = RawObject.of(options.clientInfo);
  const flights = new CallsInFlight<Flight>();
  const subscriptions = new PipeSubscriptions();

  const user: ChannelUser = {
    request({ id, method }) {
      const refusal = new ToolyardError('METHOD_UNKNOWN', { method }, 'A server sends no requests in this revision.');
      void channel.replyError(id, toWireError(refusal).error);
    },
    notification({ method, params }, about) {
      if (method === 'notifications/message') flights.log(params, about);
      else subscriptions.event(method, params);
    },
  };
  channel.handTo(user);

  return channelConnection({ channel, options, revision: modernRevision, answer });

  async function answer(call: Call): Promise<Reply> {
    const listens = call.method === 'subscriptions/listen';
    const request = channel.ask(
      call.method,
      (id) =>
        writeMeta(call, {
          revision: modernRevision,
          progressToken: call.progressToken === undefined ? undefined : id,
          clientInfo,
        }),
      {
        ...(!listens && { silenceMs: timeoutMs, maxMs: maxTimeoutMs }),
        deadlineMs: call.deadlineMs,
        progress: progressTo(call),
      },
    );
    const { principal, tenant } = call.caller;
    const impersonal = isImpersonal(call.caller, interruptible(call.method));
    const flight: Flight = { id: request.id, call, principal, tenant, impersonal };
    if (listens) subscriptions.add(request, call);
    else flights.add(flight);
    const forget = onAbort(call.signal, () => request.cancel(cancelled(call.signal)));
    try {
      const result = await request.result;
      return { result: listens ? subscriptions.ended(result) : complete(result) };
    } catch (error) {
      throw translateHopError(error, upstream);
    } finally {
      forget();
      flights.delete(flight);
      subscriptions.delete(request);
    }
  }
}

/** Rewrites the token to the caller's own. */
function progressTo(call: Call): ((params: RawObject) => void) | undefined {
  const { progressToken } = call;
  if (progressToken === undefined) return undefined;
  return (params) =>
    void call.notify({ method: 'notifications/progress', params: withProgressToken(params, progressToken) });
}

/** A result without a type is a complete one (spec: basic, results). */
function complete(result: RawObject): RawObject {
  return result.has('resultType') ? result : result.prepend('resultType', completeType);
}

const completeType = RawJson.of('complete');
