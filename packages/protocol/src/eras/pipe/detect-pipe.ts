import { createCall } from '../../create-call.ts';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import { RawObject } from '../../wire/raw-object.ts';
import type { Channel } from '../channel/channel.ts';
import type { Attempt } from '../channel/client/attempt.ts';
import { upstreamCode } from '../channel/upstream-error.ts';
import { writeMeta } from '../modern/meta.ts';
import { isLegacyRevision, modernRevision } from '../revisions.ts';
import type { PipeConnectOptions } from './pipe-options.ts';

/** `silent` and `gone` mean that this pipe is of no more use. */
export type Verdict = 'modern' | 'legacy' | 'silent' | 'gone';

const defaultProbeTimeoutMs = 5_000;
const versionUnsupported = -32022;
/** Errors that no server before 2026-07-28 sends. */
const modernCodes: readonly (number | undefined)[] = [-32020, -32021, versionUnsupported];

/** Finds out which era the server speaks by asking `server/discover` (spec: basic/versioning, stdio). Rejects where the attempt ended, or no revision is common. */
export async function probe(
  attempt: Attempt,
  channel: Channel,
  options: PipeConnectOptions,
  silent: 'bounded' | 'unbounded' = 'bounded',
): Promise<Verdict> {
  const { upstream, probeTimeoutMs = defaultProbeTimeoutMs } = options;
  const silenceMs = silent === 'bounded' ? Math.min(probeTimeoutMs, attempt.timeoutMs / 2) : undefined;
  try {
    const result = await attempt.ask(channel, 'server/discover', discoverParams(options), silenceMs);
    const versions = result.array('supportedVersions')?.map(({ value }) => value);
    return versions === undefined ? 'legacy' : chooseEra(upstream, versions);
  } catch (error) {
    const code = upstreamCode(error);
    if (code === versionUnsupported) return eraAfterRefusal(upstream, error);
    if (code !== undefined) return modernCodes.includes(code) ? 'modern' : 'legacy';
    if (ToolyardError.is(error, 'UPSTREAM_CLOSED')) return 'gone';
    if (ToolyardError.is(error, 'UPSTREAM_TIMEOUT') && !attempt.over) return 'silent';
    throw error;
  }
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
