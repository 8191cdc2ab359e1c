import type { MessageId, Pipe } from '../pipe.ts';
import type { SdkPipeTransport, SdkSendOptions } from './sdk-transport.ts';

/**
 * A `Pipe` as a transport for the `Client` or `Server` of the official SDK, of either generation. The pipe must not have been started;
 * closing the transport closes it. The request that a message belongs to goes along as `about`.
 */
export function toSdkTransport(pipe: Pipe): SdkPipeTransport {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const transport: SdkPipeTransport = { start, send, close };
  return transport;

  async function start(): Promise<void> {
    pipe.start({
      message(bytes) {
        try {
          const message = readMessage(decoder.decode(bytes));
          transport.onmessage?.(message);
        } catch (error) {
          transport.onerror?.(error instanceof Error ? error : new Error(String(error)));
        }
      },
      closed(reason) {
        if (reason !== undefined) transport.onerror?.(reason);
        transport.onclose?.();
      },
    });
  }

  function send(message: object, options?: SdkSendOptions): Promise<void> {
    return pipe.send(encoder.encode(JSON.stringify(message)), aboutOf(message, options));
  }

  function close(): Promise<void> {
    return pipe.close();
  }
}

/** An answer belongs to the request that it answers. */
function aboutOf(message: object, options: SdkSendOptions | undefined): MessageId | undefined {
  const id = options?.relatedRequestId ?? ('id' in message && !('method' in message) ? message.id : undefined);
  return typeof id === 'string' || typeof id === 'number' ? JSON.stringify(id) : undefined;
}

function readMessage(text: string): object {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null) return value;
  throw new TypeError('a message is a JSON object');
}
