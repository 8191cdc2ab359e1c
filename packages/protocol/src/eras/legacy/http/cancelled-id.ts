import type { MessageId } from '../../../pipe.ts';
import type { Envelope } from '../../../wire/envelope.ts';

/** The request that a message cancels, where it is such a message. */
export function cancelledId(envelope: Envelope): MessageId | undefined {
  if (envelope.kind !== 'notification' || envelope.method !== 'notifications/cancelled') return undefined;
  return envelope.params.member('requestId')?.text;
}
