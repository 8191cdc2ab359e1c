import type { HttpExchange, HttpReceiver } from '../../../http/http-exchange.ts';

/** One request that was made. */
export interface Sent {
  readonly body: string;
  readonly receiver: HttpReceiver;
  aborted: boolean;
}

/** An endpoint that the test plays, and what was sent to it so far. */
export function playedExchange(): { readonly exchange: HttpExchange; readonly sent: readonly Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    exchange: {
      start({ body }, receiver) {
        const one: Sent = { body: Buffer.from(body ?? []).toString(), receiver, aborted: false };
        sent.push(one);
        return { abort: () => void (one.aborted = true) };
      },
      close: () => Promise.resolve(),
    },
  };
}
