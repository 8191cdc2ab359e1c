import type { MessageId, Pipe } from '../pipe.ts';

/** The far end of a pipe, played by a test: sends and sees literal bytes. */
export interface WireEnd extends AsyncDisposable {
  /** Everything that came, as text. */
  readonly seen: readonly string[];
  /** The lane each message came in. */
  readonly lanes: readonly (MessageId | undefined)[];
  readonly closed: boolean;
  send(message: string, about?: MessageId): void;
  /** The next message that nobody has asked for yet. */
  next(): Promise<string>;
  /** Answers the next message by its id. `reply` is the message from `"id"` on, without the id. */
  answer(rest: string): Promise<string>;
  close(): Promise<void>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function wireEnd(pipe: Pipe): WireEnd {
  const seen: string[] = [];
  const lanes: (MessageId | undefined)[] = [];
  const waiting: (() => void)[] = [];
  let read = 0;
  let closed = false;
  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  pipe.start({
    message(bytes, about) {
      seen.push(decoder.decode(bytes));
      lanes.push(about);
      wake();
    },
    closed() {
      closed = true;
      wake();
    },
  });
  const end: WireEnd = {
    seen,
    lanes,
    get closed() {
      return closed;
    },
    send(message, about) {
      pipe.send(encoder.encode(message), about).catch(() => {});
    },
    async next() {
      for (;;) {
        const message = seen[read];
        if (message !== undefined) {
          read++;
          return message;
        }
        if (closed) throw new Error('the pipe was closed while a message was waited for');
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    async answer(rest) {
      const message = await end.next();
      const id = /"id":("[^"]*"|[0-9]+)/.exec(message)?.[1];
      end.send(`{"jsonrpc":"2.0","id":${String(id)},${rest}}`);
      return message;
    },
    close: () => pipe.close(),
    [Symbol.asyncDispose]: () => pipe.close(),
  };
  return end;
}
