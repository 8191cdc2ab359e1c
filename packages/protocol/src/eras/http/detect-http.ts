import { ToolyardError } from '../../errors/toolyard-error.ts';
import { encodeRequest } from '../../wire/encode.ts';
import { type Envelope, readEnvelope } from '../../wire/envelope.ts';
import type { RawObject } from '../../wire/raw-object.ts';
import { encodeUtf8 } from '../../wire/text.ts';
import { createCall } from '../../create-call.ts';
import { callHeaders } from '../modern/http/call-headers.ts';
import { writeMeta } from '../modern/meta.ts';
import { failureError, statusError } from './http-errors.ts';
import type { HttpExchange } from './http-exchange.ts';
import { isLegacyRevision, modernRevision, modernRevisions } from '../revisions.ts';

export interface HttpProbeOptions {
  readonly upstream: string;
  readonly clientInfo: RawObject;
  readonly headers: readonly string[];
  readonly signal: AbortSignal;
}

/** What the answer to a POST can tell; over which transport an older server speaks shows only in the handshake. */
export type ProbedEra = 'modern' | 'legacy';

interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/**
 * Asks `server/discover` and judges by the answer (spec: basic/versioning). A discovery, or an error that only 2026-07-28 knows, means `modern`;
 * any other refusal that a server gives to what it does not understand means `legacy`. 401, 403, 408, 429 and 5xx say nothing about the era,
 * and neither does silence: they are thrown.
 */
export async function probeHttp(exchange: HttpExchange, options: HttpProbeOptions): Promise<ProbedEra> {
  const { upstream } = options;
  const { status, bytes } = await askDiscover(exchange, options);
  const envelope = read(bytes);
  if (envelope?.kind === 'result' && envelope.result.array('supportedVersions') !== undefined)
    return judgeVersions(upstream, versions(envelope.result));
  if (envelope?.kind === 'error') {
    const code = envelope.error.member('code')?.value;
    if (code === -32022) return judgeVersions(upstream, versions(envelope.error.object('data'), 'supported'));
    if (code === -32020 || code === -32021) return 'modern';
  }
  if (status >= 300 && status < 400) throw statusError(upstream, status);
  if (status === 401 || status === 403 || status === 408 || status === 429 || status >= 500)
    throw statusError(upstream, status);
  return 'legacy';
}

function versions(object: RawObject | undefined, key = 'supportedVersions'): readonly unknown[] {
  const value = object?.member(key)?.value;
  return Array.isArray(value) ? value : [];
}

function judgeVersions(upstream: string, offered: readonly unknown[]): ProbedEra {
  if (offered.some((version) => modernRevisions.some((known) => known === version))) return 'modern';
  if (offered.some((version) => typeof version === 'string' && isLegacyRevision(version))) return 'legacy';
  const reason = `none of its revisions (${offered.map(String).join(', ').slice(0, 200)}) is known here`;
  throw new ToolyardError('UPSTREAM_MALFORMED', { upstream, reason }, `${upstream} cannot be spoken to: ${reason}.`);
}

function read(bytes: Uint8Array): Envelope | undefined {
  try {
    return readEnvelope(bytes);
  } catch {
    return undefined;
  }
}

function askDiscover(exchange: HttpExchange, options: HttpProbeOptions): Promise<Answer> {
  const { upstream, clientInfo, headers, signal } = options;
  const call = createCall('server/discover', { signal });
  return new Promise<Answer>((resolve, reject) => {
    const finish = (act: () => void): void => {
      signal.removeEventListener('abort', aborted);
      act();
    };
    const aborted = (): void => {
      flight.abort();
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const flight = exchange.start(
      {
        method: 'POST',
        headers: callHeaders(call, headers),
        body: encodeRequest('0', call.method, writeMeta(call, { revision: modernRevision, clientInfo })),
      },
      {
        body: (bytes, status) => finish(() => resolve({ status, bytes })),
        event: ({ data }) => {
          const bytes = encodeUtf8(data);
          const kind = read(bytes)?.kind;
          if (kind === 'result' || kind === 'error') finish(() => (flight.abort(), resolve({ status: 200, bytes })));
        },
        end: () => finish(() => resolve({ status: 200, bytes: new Uint8Array(0) })),
        failed: (failure, cause) => finish(() => reject(failureError(upstream, failure, cause))),
      },
    );
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted);
  });
}
