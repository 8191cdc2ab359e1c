import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import type { Attempt } from '../../channel/attempt.ts';
import type { Channel } from '../../channel/channel.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import { isLegacyRevision, legacyRevisions, newestLegacyRevision } from '../../revisions.ts';
import { everyCapability } from './capability-profile.ts';
import { legacyClientSession, type LegacySession } from './client-session.ts';

/** Opens a session over a channel that is known to have a server of an older revision at its end (spec 2025-11-25: basic/lifecycle). */
export async function legacyConnection(
  attempt: Attempt,
  channel: Channel,
  options: PipeConnectOptions,
  capabilities: RawObject = everyCapability.capabilities,
): Promise<LegacySession> {
  const { clientInfo, upstream } = options;
  const offer = RawObject.of({ protocolVersion: newestLegacyRevision, capabilities, clientInfo });
  const answer = await attempt.ask(channel, 'initialize', offer);
  const revision = answer.string('protocolVersion');
  if (revision === undefined || !isLegacyRevision(revision)) {
    const reason = `it answered initialize with the revision ${String(revision)}, and known are ${legacyRevisions.join(', ')}`;
    throw new ToolyardError('UPSTREAM_MALFORMED', { upstream, reason }, `${upstream} cannot be used: ${reason}.`);
  }
  const connection = legacyClientSession(channel, options, { revision, initialized: answer });
  void channel.notify('notifications/initialized', RawObject.empty);
  return connection;
}
