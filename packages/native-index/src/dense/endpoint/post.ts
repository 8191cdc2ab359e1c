import { setTimeout } from 'node:timers/promises';
import { backoffMs } from '@toolyard/protocol';
import { embedderFailed } from '../embed-call.ts';

export interface Post {
  readonly id: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly maxAnswerBytes: number;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  readonly signal: AbortSignal;
}

/** What an attempt came to, if not an answer. */
interface Failure {
  readonly reason: string;
  readonly cause: unknown;
  /** Whether another attempt may go better. */
  readonly again: boolean;
  readonly retryAfterMs?: number | undefined;
}

/**
 * The body of a good answer. Tries again where that may help: asking for vectors twice does no harm. Rejects with `EMBEDDER_FAILED`, or with
 * the reason of the signal.
 */
export async function post(request: Post): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptPost(request);
    if (typeof outcome === 'string') return outcome;
    const { firstDelayMs, maxDelayMs, signal } = request;
    signal.throwIfAborted();
    const delayMs = outcome.retryAfterMs ?? backoffMs(attempt, { firstDelayMs, maxDelayMs });
    if (!outcome.again || attempt >= request.maxAttempts || delayMs > maxDelayMs) {
      const times = attempt === 1 ? '' : `, after ${attempt} attempts`;
      throw embedderFailed(request.id, outcome.reason + times, outcome.cause);
    }
    await setTimeout(delayMs, undefined, { signal });
  }
}

async function attemptPost(request: Post): Promise<string | Failure> {
  const late = AbortSignal.timeout(request.timeoutMs);
  try {
    const response = await fetch(request.url, {
      method: 'POST',
      headers: request.headers,
      body: request.body,
      redirect: 'error',
      signal: AbortSignal.any([request.signal, late]),
    });
    const answer = await readText(response, request.maxAnswerBytes);
    if (answer === undefined) {
      return { reason: `the answer is larger than ${request.maxAnswerBytes} bytes`, cause: undefined, again: false };
    }
    if (response.ok) return answer;
    return {
      reason: `the endpoint answered with status ${response.status}`,
      // Only this side sees a cause, and even there the endpoint's words might repeat what was sent to it.
      cause: new Error(withoutSecrets(answer.slice(0, 1_000), request.headers)),
      again: response.status === 408 || response.status === 429 || response.status >= 500,
      retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
    };
  } catch (cause) {
    const reason = late.aborted ? `no answer within ${request.timeoutMs} ms` : 'the endpoint cannot be reached';
    return { reason, cause, again: true };
  }
}

/** `undefined` when it is too long. */
async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Seconds or a date (RFC 9110, 10.2.3); `undefined` when it is neither. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function withoutSecrets(text: string, headers: Readonly<Record<string, string>>): string {
  return Object.values(headers)
    .flatMap((value) => value.split(' '))
    .filter((part) => part.length >= 8)
    .reduce((clean, part) => clean.replaceAll(part, '…'), text);
}
