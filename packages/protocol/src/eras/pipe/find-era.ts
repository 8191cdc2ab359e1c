import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { Channel } from '../channel/channel.ts';
import type { Attempt } from '../channel/client/attempt.ts';
import type { LegacySession } from '../legacy/client/client-session.ts';
import { legacyConnection } from '../legacy/client/handshake.ts';
import { type Probe, probe, probeTimeoutOf } from './detect-pipe.ts';
import { forgetInitializeFirst, rememberInitializeFirst } from './initialize-first.ts';
import type { PipeConnectOptions } from './pipe-options.ts';

/** A session where the server speaks an older revision; `gone` where the pipe ended before that was known. */
export type Found = LegacySession | 'modern' | 'gone';

/** Says `server/discover` first, and `initialize` after it where the answer, or the lack of one, asks for that. */
export async function discoverFirst(attempt: Attempt, channel: Channel, options: PipeConnectOptions): Promise<Found> {
  const asked = probe(attempt, channel, options);
  try {
    const verdict = await asked.inTime();
    if (verdict === 'legacy') return await legacyConnection(attempt, channel, options);
    if (verdict !== 'silent') return verdict;
    const found = await listenForEither(attempt, channel, asked, options);
    if (!asked.answered) rememberInitializeFirst(options);
    return found;
  } catch (error) {
    // It had too little time, or is stuck since it was asked what it does not know: the next attempt does without that question.
    if (!asked.answered && ToolyardError.is(error, 'UPSTREAM_TIMEOUT')) rememberInitializeFirst(options);
    throw error;
  } finally {
    asked.end();
  }
}

/** Says `initialize` first; a server that refuses it is asked `server/discover` after all. `wholeTime`: it had all the time that there is for connecting. */
export async function initializeFirst(
  attempt: Attempt,
  channel: Channel,
  options: PipeConnectOptions,
  wholeTime: boolean,
): Promise<LegacySession | 'modern'> {
  try {
    return await legacyConnection(attempt, channel, options);
  } catch (error) {
    const isOver = ToolyardError.is(error, 'UPSTREAM_CLOSED');
    const isRefused = isRefusal(error);
    if (isOver || isRefused || (wholeTime && ToolyardError.is(error, 'UPSTREAM_TIMEOUT')))
      forgetInitializeFirst(options);
    if (isRefused && (await isModernAfterAll(attempt, channel, options))) return 'modern';
    throw error;
  }
}

/**
 * A server that has not answered `server/discover` is slow to start, or ignores what comes before `initialize`. It gets both messages,
 * so that the process which is starting can go on. What it says to `initialize` counts, since a server may keep to the era of a
 * handshake; where it refuses that, its discovery does.
 */
async function listenForEither(
  attempt: Attempt,
  channel: Channel,
  asked: Probe,
  options: PipeConnectOptions,
): Promise<Found> {
  const enough = new AbortController();
  let isShaken = false;
  const handshake = legacyConnection(attempt.part(enough.signal), channel, options);
  const over = (): void => void (isShaken = true);
  const shaken = handshake.then(over, over);
  const discovered = asked.verdict.then(
    (verdict) => (verdict === 'modern' ? undefined : shaken),
    () => shaken,
  );
  try {
    await Promise.race([shaken, discovered]);
    // Once the discovery has come, the answer to `initialize` is due.
    if (!isShaken) await attempt.settle(shaken, probeTimeoutOf(attempt, options));
    return isShaken ? await handshake : 'modern';
  } catch (error) {
    if (ToolyardError.is(error, 'UPSTREAM_CLOSED')) return 'gone';
    if (!isRefusal(error)) throw error;
    const isModern = asked.answered
      ? (await asked.verdict) === 'modern'
      : await isModernAfterAll(attempt, channel, options);
    if (isModern) return 'modern';
    throw error;
  } finally {
    enough.abort();
  }
}

async function isModernAfterAll(attempt: Attempt, channel: Channel, options: PipeConnectOptions): Promise<boolean> {
  const asked = probe(attempt, channel, options);
  try {
    return (await asked.inTime()) === 'modern';
  } finally {
    asked.end();
  }
}

function isRefusal(error: unknown): boolean {
  return ToolyardError.is(error, 'UPSTREAM_ERROR') || ToolyardError.is(error, 'UPSTREAM_MALFORMED');
}
