import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ToolyardError } from '@toolyard/protocol';
import { WebSocket } from 'ws';

export interface OpenSocketOptions {
  /** How the server is called in errors; nothing of its address is. */
  readonly upstream: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** Bound on the whole attempt, for the error. */
  readonly connectTimeoutMs: number;
  /** On the clock of `performance.now()`. */
  readonly deadlineMs: number;
  readonly maxMessageBytes: number;
  readonly closeMs: number;
  readonly perMessageDeflate: boolean;
}

export interface OpenSocket {
  readonly socket: WebSocket;
  readonly wire: Duplex;
}

/** What `ws` keeps in 32 bits. */
const maxPayloadBytes = 2 ** 31 - 1;

/** What a socket is made with in either role. */
export function socketBounds({
  maxMessageBytes,
  closeMs,
}: {
  readonly maxMessageBytes: number;
  readonly closeMs: number;
}): {
  readonly maxPayload: number;
  readonly closeTimeout: number;
} {
  return { maxPayload: Math.min(maxMessageBytes, maxPayloadBytes), closeTimeout: closeMs };
}

/**
 * The upgrade as a client (RFC 6455, 4.1), without redirects. `take` is called in the turn in which the socket opens. Rejects as `Transport.connect` does,
 * with `UPSTREAM_STATUS` where the server answers something else than 101, and leaves nothing behind.
 */
export function openSocket<T>(url: URL, options: OpenSocketOptions, take: (open: OpenSocket) => T): Promise<T> {
  const { upstream, headers, signal, perMessageDeflate } = options;
  return new Promise((resolve, reject) => {
    let socket: WebSocket;
    try {
      const bounds = socketBounds(options);
      socket = new WebSocket(url, ['mcp'], { ...bounds, headers, perMessageDeflate, followRedirects: false });
    } catch (cause) {
      reject(new ToolyardError('UPSTREAM_UNREACHABLE', { upstream }, `${upstream} cannot be asked: ${text(cause)}`));
      return;
    }
    const abandon = (error: ToolyardError): void => {
      settle();
      reject(error);
      socket.terminate();
    };
    const onAbort = (): void => abandon(cancelled(signal));
    const timer = setTimeout(() => abandon(tooLate(options)), Math.max(options.deadlineMs - performance.now(), 0));
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    socket.on('upgrade', ({ socket: wire }) => {
      socket.on('open', () => {
        settle();
        resolve(take({ socket, wire }));
      });
    });
    socket.on('unexpected-response', (_, response) => abandon(refused(upstream, response)));
    // Stays: an attempt that is abandoned reports that too.
    socket.on('error', (cause) => {
      settle();
      reject(failed(upstream, cause));
    });
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function refused(upstream: string, { statusCode: status = 0 }: IncomingMessage): ToolyardError {
  const why = status === 401 || status === 403 ? ': it does not let this side in' : '';
  const message = `${upstream} answered the upgrade to WebSocket with the status ${status}${why}.`;
  return new ToolyardError('UPSTREAM_STATUS', { upstream, status }, message);
}

/** An error of the system has a code; what `ws` and the HTTP parser say against an answer has none, or its own. */
function failed(upstream: string, cause: Error): ToolyardError {
  const code = 'code' in cause ? String(cause.code) : '';
  if (code !== '' && !code.startsWith('HPE_'))
    return new ToolyardError('UPSTREAM_UNREACHABLE', { upstream }, `${upstream} cannot be reached.`, { cause });
  const reason = `it answered the upgrade to WebSocket wrongly: ${cause.message}`;
  return new ToolyardError('UPSTREAM_MALFORMED', { upstream, reason }, `${upstream} cannot be used: ${reason}.`, {
    cause,
  });
}

function tooLate({ upstream, connectTimeoutMs: afterMs }: OpenSocketOptions): ToolyardError {
  const message = `${upstream} was not connected within ${afterMs} ms.`;
  return new ToolyardError('UPSTREAM_TIMEOUT', { upstream, method: 'connect', afterMs }, message);
}

function cancelled(signal: AbortSignal | undefined): ToolyardError {
  return new ToolyardError('CANCELLED', {}, 'The call was cancelled.', { cause: signal?.reason });
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
