import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { Connection } from '../../transport.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { cancelled } from '../channel/abort.ts';
import type { EraMemory } from './era-memory.ts';
import { probeHttp } from './detect-http.ts';
import type { HttpExchange } from './http-exchange.ts';
import { connectLegacy } from '../legacy/client/client.ts';
import { httpClientPipe } from '../legacy/http/http-client-pipe.ts';
import { ModernHttpConnection } from '../modern/http/http-connection.ts';
import type { PipeConnectOptions } from '../pipe/pipe-options.ts';

export interface HttpConnectOptions extends Omit<PipeConnectOptions, 'wire' | 'pid' | 'probeTimeoutMs'> {
  /** Under what the era is remembered: the URL. */
  readonly endpoint: string;
  readonly eras: EraMemory;
  /** Sent with every request, after the headers the protocol needs: name, value, name, value. */
  readonly headers?: readonly string[];
}

const defaultConnectTimeoutMs = 30_000;

/**
 * Connects to a server over Streamable HTTP, whatever revision it speaks (spec: basic/versioning, basic/transports).
 *
 * `open` gives an exchange with the endpoint; each one is closed here. A server remembered as `legacy` is not probed; where it then refuses the
 * handshake, the verdict is dropped and it is. Rejects as `Transport.connect` does, and with `UPSTREAM_STATUS` for a bare HTTP refusal.
 */
export async function connectHttp(open: () => HttpExchange, options: HttpConnectOptions): Promise<Connection> {
  const { upstream, connectTimeoutMs = defaultConnectTimeoutMs } = options;
  const deadlineMs = performance.now() + connectTimeoutMs;
  const given = new AbortController();
  const signal = options.signal;
  const giveUp = (): void => given.abort(signal === undefined ? undefined : cancelled(signal));
  if (signal?.aborted === true) throw cancelled(signal);
  signal?.addEventListener('abort', giveUp);
  const timer = setTimeout(() => given.abort(late(upstream, connectTimeoutMs)), connectTimeoutMs);
  try {
    return await connectKnown(open, options, given.signal, deadlineMs);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

async function connectKnown(
  open: () => HttpExchange,
  options: HttpConnectOptions,
  signal: AbortSignal,
  deadlineMs: number,
): Promise<Connection> {
  const { endpoint, eras } = options;
  if (eras.recall(endpoint) === 'legacy') {
    try {
      return await shakeHands(open(), options, signal, deadlineMs);
    } catch (error) {
      if (!refusesHandshake(error)) throw error;
      eras.forget(endpoint);
    }
  }
  const exchange = open();
  try {
    const headers = options.headers ?? [];
    const era = await probeHttp(exchange, {
      upstream: options.upstream,
      clientInfo: RawObject.of(options.clientInfo),
      headers,
      signal,
    });
    if (era === 'modern') {
      eras.remember(endpoint, 'modern');
      return new ModernHttpConnection(exchange, { ...options, headers, onContradiction: () => eras.forget(endpoint) });
    }
  } catch (error) {
    await exchange.close();
    throw error;
  }
  // A server that refuses this too may speak HTTP+SSE (2024-11-05): a GET that is answered with an `endpoint` event. That probe belongs here.
  const connection = await shakeHands(exchange, options, signal, deadlineMs);
  eras.remember(endpoint, 'legacy');
  return connection;
}

function shakeHands(
  exchange: HttpExchange,
  options: HttpConnectOptions,
  signal: AbortSignal,
  deadlineMs: number,
): Promise<Connection> {
  const { upstream, headers = [], onLog } = options;
  const pipe = httpClientPipe(exchange, { upstream, headers, onLog });
  const connectTimeoutMs = Math.max(deadlineMs - performance.now(), 1);
  return connectLegacy(pipe, { ...options, signal, connectTimeoutMs, wire: 'streamable-http' });
}

/** What a server of 2026-07-28 says to `initialize`, and what others say that do not know it. */
function refusesHandshake(error: unknown): boolean {
  if (ToolyardError.is(error, 'UPSTREAM_ERROR') || ToolyardError.is(error, 'UPSTREAM_MALFORMED')) return true;
  return ToolyardError.is(error, 'UPSTREAM_STATUS') && [400, 404, 405].includes(error.facts.status);
}

function late(upstream: string, afterMs: number): ToolyardError<'UPSTREAM_TIMEOUT'> {
  const facts = { upstream, method: 'server/discover', afterMs };
  return new ToolyardError('UPSTREAM_TIMEOUT', facts, `${upstream} did not answer within ${afterMs} ms.`);
}
