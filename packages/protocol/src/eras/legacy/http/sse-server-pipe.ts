import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { Pipe, PipeReceiver } from '../../../pipe.ts';
import { encodeUtf8 } from '../../../wire/text.ts';
import { eventFrame } from '../../http/event-frame.ts';
import type { HttpOutgoing, HttpOutgoingListener } from '../../http/http-incoming.ts';

const done: Promise<void> = Promise.resolve();
/** Times the bound on what may wait for the client, beyond which replies, which nobody can hold back, cost it the session. */
const patience = 8;

/**
 * One session of HTTP+SSE (2024-11-05) as a pipe: everything that is said goes to one event stream, whose first event names the place to post to.
 * The stream is the session: with it ends the pipe, and so do the calls, since nobody could come back for their replies.
 */
export class SseServerPipe implements Pipe, HttpOutgoingListener {
  readonly #outgoing: HttpOutgoing;
  readonly #maxPendingBytes: number;
  #receiver: PipeReceiver | undefined;
  #over = false;

  /** `endpoint`: path and query that lead to `post` of this session. */
  constructor(outgoing: HttpOutgoing, endpoint: string, maxPendingBytes: number) {
    this.#outgoing = outgoing;
    this.#maxPendingBytes = maxPendingBytes;
    outgoing.attach(this);
    outgoing.open();
    outgoing.write(encodeUtf8(`event: endpoint\ndata: ${endpoint}\n\n`));
  }

  start(receiver: PipeReceiver): void {
    this.#receiver = receiver;
  }

  /** One message of the client. It is accepted when there is room for what it may cause. */
  post(message: Uint8Array, outgoing: HttpOutgoing): void {
    const room = this.#receiver?.message(message) ?? done;
    void room.then(() => outgoing.respond(202, []));
  }

  send(message: Uint8Array): Promise<void> {
    if (this.#over) return Promise.reject(new ToolyardError('CLOSED', { what: 'session' }, 'The session is over.'));
    const { pendingBytes } = this.#outgoing;
    if (pendingBytes > 0 && pendingBytes + message.length > patience * this.#maxPendingBytes) {
      this.#outgoing.destroy();
      this.gone();
      return done;
    }
    return this.#outgoing.write(eventFrame(message)) ? done : this.#outgoing.drained();
  }

  gone(): void {
    this.#end(new Error('the client closed the stream that was its session'));
  }

  silent(): void {}

  close(): Promise<void> {
    this.#end(undefined);
    return done;
  }

  #end(reason: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#outgoing.end();
    this.#receiver?.closed(reason);
  }
}
