import type { Call } from '../../../call.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import type { SentRequest } from '../../channel/sent-request.ts';
import { subscriptionIdOf, withoutSubscriptionId } from '../meta.ts';

/**
 * The `subscriptions/listen` requests that share one pipe: tells their events apart by `subscriptionId`, which belongs to this hop and is
 * taken off (spec: basic/patterns/subscriptions). What comes before the acknowledgement, or for nobody, is dropped.
 */
export class PipeSubscriptions {
  readonly #open = new Map<string, { readonly request: SentRequest; readonly call: Call; acknowledged: boolean }>();

  add(request: SentRequest, call: Call): void {
    this.#open.set(String(request.id), { request, call, acknowledged: false });
  }

  delete(request: SentRequest): void {
    this.#open.delete(String(request.id));
  }

  event(method: string, params: RawObject): void {
    if (method === 'notifications/cancelled') {
      // Some servers end a subscription this way instead of with a result: the two pages of the specification disagree.
      this.#open
        .get(String(params.member('requestId')?.value))
        ?.request.resolve(RawObject.of({ resultType: 'complete' }));
      return;
    }
    const id = subscriptionIdOf(params);
    const subscription = id === undefined ? undefined : this.#open.get(id);
    if (subscription === undefined) return;
    subscription.acknowledged ||= method === 'notifications/subscriptions/acknowledged';
    if (subscription.acknowledged) void subscription.call.notify({ method, params: withoutSubscriptionId(params) });
  }

  /** The result of a subscription as its caller gets it. */
  ended(result: RawObject): RawObject {
    return withoutSubscriptionId(result);
  }
}
