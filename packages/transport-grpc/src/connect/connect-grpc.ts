import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import {
  connectPipe,
  type Connection,
  type ConnectOptions,
  type EraMemory,
  type Parking,
  type Pipe,
  type ToolyardError,
  type UrlTarget,
} from '@toolyard/protocol';
import type { GrpcTransportOptions, Pem } from '../options.ts';
import { readAddress } from './address.ts';
import { dial } from './dial.ts';
import { ownMetadata } from './metadata.ts';

const defaultConnectTimeoutMs = 30_000;
const defaultMaxMessageBytes = 16 * 1_048_576;

/** Connects to the server at a `grpc:` or `grpcs:` URL. Rejects as `Transport.connect` does, and with what a gRPC status says. */
export async function connectGrpc(
  target: UrlTarget,
  given: ConnectOptions,
  options: GrpcTransportOptions & { readonly parking: Parking; readonly eras: EraMemory },
): Promise<Connection> {
  const { upstream, signal, connectTimeoutMs = defaultConnectTimeoutMs } = given;
  const address = readAddress(target.url, upstream);
  const headers = target.headers ?? {};
  const metadata = ownMetadata(headers, upstream, given.onLog);
  const deadlineMs = performance.now() + connectTimeoutMs;
  let refusal: ToolyardError | undefined;

  const open = (): Promise<Pipe> => {
    // A server that refused the stream is not asked once more in an older way, as one that fell silent is.
    if (refusal !== undefined) return Promise.reject(refusal);
    return dial({
      address,
      metadata,
      upstream,
      signal,
      credentials: channelCredentials(address.secure, options),
      secrets: Object.values(headers),
      maxMessageBytes: given.maxMessageBytes ?? defaultMaxMessageBytes,
      maxSentBytes: options.maxSentBytes ?? defaultMaxMessageBytes,
      keepAliveMs: options.keepAliveMs ?? 300_000,
      keepAliveTimeoutMs: options.keepAliveTimeoutMs ?? 20_000,
      closeMs: options.closeMs ?? 1_000,
      timeoutMs: Math.max(deadlineMs - performance.now(), 0),
      onEnd: (error, heard) => {
        if (!heard && error.code !== 'UPSTREAM_CLOSED') refusal = error;
      },
    });
  };
  const { parking, eras, probeTimeoutMs } = options;
  return connectPipe(open, {
    ...given,
    wire: 'grpc',
    parking,
    remember: { eras, endpoint: target.url },
    ...(probeTimeoutMs !== undefined && { probeTimeoutMs }),
  });
}

function channelCredentials(secure: boolean, { tls = {} }: GrpcTransportOptions): ChannelCredentials {
  if (!secure) return credentials.createInsecure();
  return credentials.createSsl(bytes(tls.ca), bytes(tls.key), bytes(tls.cert));
}

function bytes(pem: Pem | undefined): Buffer | null {
  return pem === undefined ? null : Buffer.from(pem);
}
