import type { MessageId } from '../../pipe.ts';
import type { Channel } from '../channel/channel.ts';

/** A client before 2026-07-28, in the middle of one of its requests. */
export interface AskedClient {
  readonly channel: Channel;
  /** The id of that request. */
  readonly lane: MessageId;
  readonly revision: string;
}
