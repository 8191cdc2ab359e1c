/**
 * What is common to the `Transport` of both generations of the official SDK, as a shape: nothing of the SDK is imported here.
 * Its messages are objects that were parsed already.
 */
export interface SdkTransport {
  start(): Promise<void>;
  send(message: object, options?: SdkSendOptions): Promise<void>;
  close(): Promise<void>;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: never) => void) | undefined;
}

export interface SdkSendOptions {
  /** The request of the peer that the message belongs to. */
  relatedRequestId?: string | number | undefined;
}

/** An SDK transport that takes and gives any message, so that it fits the `Transport` of each generation. */
export interface SdkPipeTransport extends SdkTransport {
  onmessage?: ((message: object) => void) | undefined;
}
