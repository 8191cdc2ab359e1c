import { ToolyardError } from '../errors/toolyard-error.ts';
import type { MessageId, Pipe, PipeReceiver } from '../pipe.ts';
import type { SdkTransport } from './sdk-transport.ts';

export interface FromSdkOptions {
  /** Hears what the transport reports and survives. */
  readonly onError?: (error: Error) => void;
}

/**
 * A transport of the official SDK as a `Pipe`, for `connectPipe` and `servePipe`. It must not have been started; closing the pipe closes it.
 *
 * The SDK has parsed each message by then, so numbers that JavaScript cannot hold and the spelling of others are lost; and it reads on
 * whether or not there is room.
 */
export function fromSdkTransport(transport: SdkTransport, options: FromSdkOptions = {}): Pipe {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let receiver: PipeReceiver | undefined;
  let over = false;

  return { send, start, close };

  async function send(message: Uint8Array, about?: MessageId): Promise<void> {
    if (over) throw pipeClosed();
    const relatedRequestId = about === undefined ? undefined : readId(about);
    await transport.send(
      readMessage(decoder.decode(message)),
      relatedRequestId === undefined ? undefined : { relatedRequestId },
    );
  }

  function start(given: PipeReceiver): void {
    receiver = given;
    transport.onmessage = (message: object) => {
      if (!over) void given.message(encoder.encode(JSON.stringify(message)));
    };
    transport.onclose = () => end(pipeClosed());
    transport.onerror = (error) => options.onError?.(error);
    transport.start().catch((error: unknown) => end(error instanceof Error ? error : new Error(String(error))));
  }

  async function close(): Promise<void> {
    end(undefined);
    await transport.close();
  }

  function end(reason: Error | undefined): void {
    if (over) return;
    over = true;
    receiver?.closed(reason);
  }
}

function pipeClosed(): ToolyardError<'CLOSED'> {
  return new ToolyardError('CLOSED', { what: 'pipe' }, 'The transport is closed.');
}

function readMessage(text: string): object {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null) return value;
  throw new TypeError('a message is a JSON object');
}

function readId(id: MessageId): string | number | undefined {
  const value: unknown = JSON.parse(id);
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}
