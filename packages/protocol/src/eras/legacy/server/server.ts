import { randomUUID } from 'node:crypto';

import type { Pipe } from '../../../pipe.ts';
import type { Service } from '../../../service.ts';
import { serveChannel, servingOf } from '../../channel/server/serving.ts';
import type { PipeServeOptions, Serving } from '../../pipe/pipe-options.ts';
import { LegacyServerSession } from './server-session.ts';

/**
 * Serves one session of the revisions 2024-11-05 to 2025-11-25 over any channel that is shaped as a pipe.
 *
 * Starts the pipe at once and waits for `initialize`. Everything that belongs to a request (its reply, progress, log messages, questions to the
 * client) is sent with `about` = that request's id, spelled as the client spelled it; what belongs to none (list changes, resource updates) without.
 * Over Streamable HTTP the first goes to that POST's response and the second to the GET stream.
 * A client that disconnects has not cancelled: the channel decides what becomes of messages nobody reads, and closes the pipe when the session ends.
 */
export function serveLegacy(pipe: Pipe, service: Service, options: PipeServeOptions): Serving {
  const { channel, calls } = serveChannel(pipe, options);
  const session = new LegacyServerSession({
    channel,
    calls,
    service,
    options,
    session: randomUUID(),
    traceOf: (request) => pipe.traceOf?.(request),
  });
  channel.handTo({
    request: (request) => session.request(request),
    notification: (notification) => session.notification(notification),
  });
  return servingOf(channel, calls, () => session.end());
}
