import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import type { Channel } from '../../channel/channel.ts';
import type { Attempt } from '../../channel/client/attempt.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import { hasBatches, isLegacyRevision, legacyRevisions, newestLegacyRevision } from '../../revisions.ts';
import { legacyClientSession, type LegacySession } from './client-session.ts';
import { everyCapability } from './sessions/capability-profile.ts';
import { newSharedState, type SharedState } from './sessions/shared-state.ts';

/** Messages in one array of the server; a longer one is no message. */
const maxBatch = 1_000;

/**
 * How long a session waits for the server to take note that it is open, and for the stream of what belongs to no request: a question that the server
 * puts there before it stands is lost. Servers that take longer than a few round trips have headers that they keep back until there is something to say.
 */
const settleMs = 1_000;

export interface SessionTraits {
  /** What is declared to the server. Default: everything that can be relayed. */
  readonly capabilities?: RawObject | undefined;
  /** `SessionPipe.hears`. Default: always. */
  readonly hears?: (() => boolean) | undefined;
  /** What it has in common with other sessions. Default: there are none. */
  readonly shared?: SharedState | undefined;
}

/** Opens a session over a channel that is known to have a server of an older revision at its end (spec 2025-11-25: basic/lifecycle). */
export async function legacyConnection(
  attempt: Attempt,
  channel: Channel,
  options: PipeConnectOptions,
  {
    capabilities = everyCapability.capabilities,
    hears = () => true,
    shared = newSharedState(options.tasks),
  }: SessionTraits = {},
): Promise<LegacySession> {
  const { clientInfo, upstream } = options;
  const offer = RawObject.of({ protocolVersion: newestLegacyRevision, capabilities, clientInfo });
  const answer = await attempt.ask(channel, 'initialize', offer);
  const revision = answer.string('protocolVersion');
  if (revision === undefined || !isLegacyRevision(revision)) {
    const reason = `it answered initialize with the revision ${String(revision)}, and known are ${legacyRevisions.join(', ')}`;
    throw new ToolyardError('UPSTREAM_MALFORMED', { upstream, reason }, `${upstream} cannot be used: ${reason}.`);
  }
  if (hasBatches(revision)) channel.takeBatches(maxBatch);
  const session = legacyClientSession(channel, options, { revision, initialized: answer, hears, shared });
  await attempt.settle(channel.notify('notifications/initialized', RawObject.empty), settleMs);
  const catchingUp = session.catchUp();
  if (catchingUp !== undefined) await attempt.settle(catchingUp, settleMs);
  if (channel.gone !== undefined) throw channel.gone;
  return session;
}
