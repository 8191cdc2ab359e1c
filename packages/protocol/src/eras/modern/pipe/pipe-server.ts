import type { Call } from '../../../call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { toWireError } from '../../../errors/wire-error.ts';
import type { Service } from '../../../service.ts';
import type { RequestEnvelope } from '../../../wire/envelope.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import type { Channel } from '../../channel/channel.ts';
import type { ServedCalls, ServedRequest } from '../../channel/server/served-calls.ts';
import { modernKnowsNotification } from '../../legacy/translate/notifications.ts';
import type { PipeServeOptions } from '../../pipe/pipe-options.ts';
import { removedMethods } from '../../removed-methods.ts';
import { checkRequest } from '../ladder.ts';
import { withServerInfo, withSubscriptionId } from '../meta.ts';

/** Answers requests of 2026-07-28 that come by a pipe (spec: basic/transports/stdio). */
export function modernPipeRequests(
  channel: Channel,
  calls: ServedCalls,
  service: Service,
  options: PipeServeOptions,
  session: string,
): (request: RequestEnvelope) => void {
  const serverInfo = RawObject.of(options.serverInfo);

  return (request) => {
    let call: ServedRequest['call'];
    try {
      call = admit(request, options, session);
    } catch (error) {
      void channel.replyError(request.id, toWireError(error).error);
      return;
    }
    calls.serve(request.method === 'subscriptions/listen' ? listening(request, call) : plain(request, call));
  };

  function plain({ id }: RequestEnvelope, call: ServedRequest['call']): ServedRequest {
    return {
      id,
      call,
      answer,
      notification: (notification) => (modernKnowsNotification(notification.method) ? notification : undefined),
    };
  }

  async function answer(call: Call): Promise<RawObject> {
    const { result } = await service(call);
    return withServerInfo(result, serverInfo);
  }

  /** The acknowledgement goes first, and nothing before it. */
  function listening({ id }: RequestEnvelope, call: ServedRequest['call']): ServedRequest {
    let acknowledged = false;
    return {
      id,
      call,
      answer: async (opened) => withSubscriptionId(await answer(opened), id),
      notification({ method, params }) {
        acknowledged ||= method === 'notifications/subscriptions/acknowledged';
        return acknowledged ? { method, params: withSubscriptionId(params, id) } : undefined;
      },
      farewell: withSubscriptionId(withServerInfo(RawObject.of({ resultType: 'complete' }), serverInfo), id),
    };
  }
}

/** Throws what `checkRequest` throws, and `METHOD_UNKNOWN` for what this revision has no more. */
function admit({ method, params }: RequestEnvelope, options: PipeServeOptions, session: string): ServedRequest['call'] {
  const { principal = 'anonymous', tenant = 'default' } = options;
  const { clientInfo, capabilities, progressToken, logLevel } = checkRequest(method, params);
  if (removedMethods.has(method))
    throw new ToolyardError('METHOD_UNKNOWN', { method }, `There is no method ${method}.`);
  const caller = { principal, tenant, session, clientInfo, capabilities };
  return { method, params, caller, progressToken, logLevel };
}
