import { createCall } from '../../create-call.ts';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import { RawObject } from '../../wire/raw-object.ts';
import type { Channel } from '../channel/channel.ts';
import type { Attempt } from '../channel/client/attempt.ts';
import { upstreamCode } from '../channel/upstream-error.ts';
import { writeMeta } from '../modern/meta.ts';
import { isLegacyRevision, modernRevision } from '../revisions.ts';
import type { PipeConnectOptions } from './pipe-options.ts';

/** `gone` means that the pipe has ended. */
export type Verdict = 'modern' | 'legacy' | 'gone';

/** A `server/discover` that was sent, to find out which era the server speaks (spec: basic/versioning, stdio). */
export interface Probe {
  /** What the answer says, whenever it comes. Rejects where the attempt ended, or no revision is common. */
  readonly verdict: Promise<Verdict>;
  /** Whether the server has said anything to it, its end included. */
  readonly answered: boolean;
  /** The verdict, or `silent` where there is none yet after `probeTimeoutMs`. Rejects as `verdict` does. */
  inTime(): Promise<Verdict | 'silent'>;
  /** Nobody waits for it any longer, which the server is not told: it may be one that knows no cancellation before its handshake. */
  end(): void;
}

const defaultProbeTimeoutMs = 5_000;
const versionUnsupported = -32022;
/** Errors that no server before 2026-07-28 sends. */
const modernCodes: readonly (number | undefined)[] = [-32020, -32021, versionUnsupported];

export function probe(attempt: Attempt, channel: Channel, options: PipeConnectOptions): Probe {
  const given = new AbortController();
  const verdict = discover(attempt.part(given.signal), channel, options);
  let state: 'open' | 'answered' | 'over' = 'open';
  const settled = verdict.then(
    () => void (state = 'answered'),
    (error: unknown) => void (state = isUnanswered(error) ? 'over' : 'answered'),
  );
  return {
    verdict,
    get answered() {
      return state === 'answered';
    },
    async inTime() {
      await attempt.settle(settled, probeTimeoutOf(attempt, options));
      return state === 'open' ? 'silent' : verdict;
    },
    end: () => given.abort(),
  };
}

/** How long silence says nothing. */
export function probeTimeoutOf(
  attempt: Attempt,
  { probeTimeoutMs = defaultProbeTimeoutMs }: PipeConnectOptions,
): number {
  return Math.min(probeTimeoutMs, attempt.timeoutMs / 2);
}

async function discover(attempt: Attempt, channel: Channel, options: PipeConnectOptions): Promise<Verdict> {
  const { upstream } = options;
  try {
    const result = await attempt.ask(channel, 'server/discover', discoverParams(options));
    const versions = result.array('supportedVersions')?.map(({ value }) => value);
    return versions === undefined ? 'legacy' : chooseEra(upstream, versions);
  } catch (error) {
    const code = upstreamCode(error);
    if (code === versionUnsupported) return eraAfterRefusal(upstream, error);
    if (code !== undefined) return modernCodes.includes(code) ? 'modern' : 'legacy';
    if (ToolyardError.is(error, 'UPSTREAM_CLOSED')) return 'gone';
    throw error;
  }
}

function isUnanswered(error: unknown): boolean {
  return ToolyardError.is(error, 'UPSTREAM_TIMEOUT') || ToolyardError.is(error, 'CANCELLED');
}

function chooseEra(upstream: string, versions: readonly unknown[]): Verdict {
  if (versions.includes(modernRevision)) return 'modern';
  if (versions.some((version) => typeof version === 'string' && isLegacyRevision(version))) return 'legacy';
  const reason = `it speaks only ${versions.join(', ')}`;
  throw new ToolyardError(
    'UPSTREAM_MALFORMED',
    { upstream, reason },
    `${upstream} speaks no revision that is known here: ${reason}.`,
  );
}

function eraAfterRefusal(upstream: string, error: unknown): Verdict {
  if (!ToolyardError.is(error, 'UPSTREAM_ERROR')) throw error;
  const supported = error.facts.error.object('data')?.array('supported');
  return chooseEra(upstream, supported?.map(({ value }) => value) ?? []);
}

function discoverParams({ clientInfo }: PipeConnectOptions): RawObject {
  return writeMeta(createCall('server/discover'), { revision: modernRevision, clientInfo: RawObject.of(clientInfo) });
}
