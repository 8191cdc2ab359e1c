import type { MessageId, Pipe, PipeReceiver } from '../../../pipe.ts';
import { type Envelope, readEnvelope } from '../../../wire/envelope.ts';
import { idKey } from '../../../wire/message-id.ts';
import { concat, encodeUtf8 } from '../../../wire/text.ts';
import { isBatch, readBatch } from '../../legacy/http/batch.ts';

interface Batch {
  /** Requests that have no answer yet. */
  waiting: number;
  readonly answers: Uint8Array[];
}

/** Messages in one batch; a larger one is passed on as it is, and so refused. */
const maxMessages = 1_000;

/**
 * A pipe whose peer may send several messages as one array (2025-03-26: basic, batching): they are passed on one by one, and the answers to those of
 * them that are requests go back as one array, in the order in which they come. While `spoken` says no, an array is passed on as it is.
 */
export function batchedPipe(pipe: Pipe, spoken: () => boolean): Pipe {
  const open = new Map<string, Batch>();
  return {
    start: (receiver) =>
      pipe.start({
        message: (bytes, about) => receive(receiver, bytes, about),
        closed(reason) {
          open.clear();
          receiver.closed(reason);
        },
      }),
    send: (message, about) => answered(message) ?? pipe.send(message, about),
    close: () => pipe.close(),
  };

  function receive(receiver: PipeReceiver, bytes: Uint8Array, about: MessageId | undefined): Promise<void> | void {
    if (!isBatch(bytes) || !spoken()) {
      if (open.size > 0) forgetCancelled(bytes);
      return receiver.message(bytes, about);
    }
    const messages = readBatch(bytes);
    if (messages === undefined || messages.length === 0 || messages.length > maxMessages || !expect(messages))
      return receiver.message(bytes, about);
    const room: Promise<void>[] = [];
    for (const message of messages) {
      if (open.size > 0) forgetCancelled(message);
      const full = receiver.message(message, about);
      if (full !== undefined) room.push(full);
    }
    return room.length === 0 ? undefined : Promise.all(room).then(() => undefined);
  }

  /** Whether the ids of the requests can be told apart from all others. */
  function expect(messages: readonly Uint8Array[]): boolean {
    const ids = messages.flatMap((message) => {
      const envelope = read(message);
      return envelope?.kind === 'request' ? [idKey(envelope.id)] : [];
    });
    if (new Set(ids).size < ids.length || ids.some((id) => open.has(id))) return false;
    const batch: Batch = { waiting: ids.length, answers: [] };
    for (const id of ids) open.set(id, batch);
    return true;
  }

  /** A request that was cancelled gets no answer (spec: basic/utilities/cancellation). */
  function forgetCancelled(bytes: Uint8Array): void {
    const envelope = read(bytes);
    if (envelope?.kind !== 'notification' || envelope.method !== 'notifications/cancelled') return;
    const id = envelope.params.member('requestId')?.text;
    if (id !== undefined) void settle(idKey(id), undefined);
  }

  /** Takes an answer to a request of a batch; `undefined` for any other message. */
  function answered(message: Uint8Array): Promise<void> | undefined {
    if (open.size === 0) return undefined;
    const envelope = read(message);
    if (envelope?.kind !== 'result' && envelope?.kind !== 'error') return undefined;
    return envelope.id === undefined ? undefined : settle(idKey(envelope.id), message);
  }

  function settle(id: string, answer: Uint8Array | undefined): Promise<void> | undefined {
    const batch = open.get(id);
    if (batch === undefined) return undefined;
    open.delete(id);
    if (answer !== undefined) batch.answers.push(answer);
    if (--batch.waiting > 0 || batch.answers.length === 0) return Promise.resolve();
    const parts = batch.answers.flatMap((one, at) => (at === 0 ? [one] : [comma, one]));
    return pipe.send(concat([openArray, ...parts, closeArray]));
  }
}

function read(bytes: Uint8Array): Envelope | undefined {
  try {
    return readEnvelope(bytes);
  } catch {
    return undefined;
  }
}

const openArray = encodeUtf8('[');
const comma = encodeUtf8(',');
const closeArray = encodeUtf8(']');
