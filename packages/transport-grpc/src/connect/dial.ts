import {
  type ChannelInterface,
  Client,
  connectivityState,
  type ClientDuplexStream,
  type ChannelCredentials,
  type Metadata,
  type StatusObject,
} from '@grpc/grpc-js';
import { ToolyardError } from '@toolyard/protocol';
import { GrpcPipe } from '../grpc-pipe.ts';
import { encodedSize } from '../wire/message.ts';
import { connectMethod } from '../wire/service.ts';
import { within } from '../within.ts';
import type { Address } from './address.ts';
import { readStatus, type StatusContext, statusError, unreachable } from './status-error.ts';
import { WatchedCredentials } from './watched-credentials.ts';

export interface DialOptions extends StatusContext {
  readonly address: Address;
  readonly credentials: ChannelCredentials;
  readonly metadata: Metadata;
  readonly maxSentBytes: number;
  readonly keepAliveMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly closeMs: number;
  /** Bound on opening the channel. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Called once when a stream that was open has ended, unless this side ended it. */
  readonly onEnd: (error: ToolyardError, heard: boolean) => void;
}

type Stream = ClientDuplexStream<Uint8Array, Uint8Array>;

/** Opens a channel of its own and one stream on it. Rejects with `UPSTREAM_UNREACHABLE`, `UPSTREAM_TIMEOUT` or `CANCELLED`, leaving nothing behind. */
export async function dial(options: DialOptions): Promise<GrpcPipe> {
  const credentials = new WatchedCredentials(options.credentials);
  const client = new Client(options.address.target, credentials, channelOptions(options));
  const { path, requestSerialize, responseDeserialize } = connectMethod;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, options.metadata, {});
  // Whatever is emitted as an error is told as a status too.
  stream.on('error', () => undefined);
  const ended = new Promise<StatusObject>((resolve) => stream.once('status', (told) => resolve(readStatus(told))));
  try {
    await opened(client, ended, options);
  } catch (error) {
    stream.cancel();
    client.close();
    await credentials.close(0);
    throw error;
  }
  return pipeOver(stream, ended, options, async () => {
    stream.end();
    if (!(await within(options.closeMs, ended))) stream.cancel();
    client.close();
    await credentials.close(options.closeMs);
  });
}

function channelOptions({ maxMessageBytes, keepAliveMs, keepAliveTimeoutMs }: DialOptions): Record<string, number> {
  return {
    'grpc.max_receive_message_length': encodedSize(maxMessageBytes),
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': keepAliveMs,
    'grpc.keepalive_timeout_ms': keepAliveTimeoutMs,
    // A stream is never repeated, a channel never shared, and nothing is taken from the environment or from DNS but addresses.
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_channelz': 0,
  };
}

/** Waits until the channel is up. */
async function opened(client: Client, ended: Promise<StatusObject>, options: DialOptions): Promise<void> {
  const { upstream, timeoutMs, signal, address } = options;
  const up = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    const facts = { upstream, method: 'connect', afterMs: timeoutMs };
    up.reject(new ToolyardError('UPSTREAM_TIMEOUT', facts, `${upstream} was not connected within ${timeoutMs} ms.`));
  }, timeoutMs);
  const abort = (): void =>
    up.reject(new ToolyardError('CANCELLED', {}, 'The attempt was cancelled.', { cause: signal?.reason }));
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  whenReady(client.getChannel(), up.resolve);
  void ended.then((status) => up.reject(unreachable(status, address.shown, options)));
  try {
    await up.promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/**
 * `Client.waitForReady` looks again when the channel is closed, and by that has it connect once more: it would go on doing so for as long as the process lives. This only looks;
 * the stream has the channel connect.
 */
function whenReady(channel: ChannelInterface, ready: () => void): void {
  const state = channel.getConnectivityState(false);
  if (state === connectivityState.READY) ready();
  else if (state !== connectivityState.SHUTDOWN)
    channel.watchConnectivityState(state, Infinity, () => whenReady(channel, ready));
}

function pipeOver(
  stream: Stream,
  ended: Promise<StatusObject>,
  options: DialOptions,
  release: () => Promise<void>,
): GrpcPipe {
  let isReleased = false;
  let reason: ToolyardError | undefined;
  let isRead = false;
  const pipe = new GrpcPipe(stream, {
    name: options.upstream,
    maxSentBytes: options.maxSentBytes,
    // What the server wrote before the end is taken first.
    ended: () => {
      isRead = true;
      if (reason !== undefined) pipe.fail(reason);
    },
    release: () => {
      isReleased = true;
      return release();
    },
  });
  void ended.then((status) => {
    if (isReleased) return;
    reason = statusError(status, options);
    options.onEnd(reason, pipe.hasReceived);
    pipe.deafen();
    if (isRead) pipe.fail(reason);
  });
  return pipe;
}
