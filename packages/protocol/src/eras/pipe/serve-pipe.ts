import { randomUUID } from 'node:crypto';

import type { Pipe } from '../../pipe.ts';
import type { Service } from '../../service.ts';
import { batchedPipe } from '../channel/server/batched-pipe.ts';
import { serveChannel, servingOf } from '../channel/server/serving.ts';
import { LegacyServerSession } from '../legacy/server/server-session.ts';
import { modernPipeRequests } from '../modern/pipe/pipe-server.ts';
import { requestEra } from '../request-era.ts';
import { hasBatches } from '../revisions.ts';
import type { PipeServeOptions, Serving } from './pipe-options.ts';

/**
 * Serves one client at the other end of a pipe, whatever revision it speaks: a request with the `_meta` of 2026-07-28 is answered
 * as such, `initialize` opens a session of an older revision, and both may interleave on one pipe (spec: basic/versioning).
 *
 * Clients of 2025-03-26 may send batches. Starts the pipe at once. Every message sent in answer to a request, and the reply itself, carries that request's id as `about`.
 */
export function servePipe(pipe: Pipe, service: Service, options: PipeServeOptions): Serving {
  const batched = batchedPipe(pipe, () => hasBatches(legacy.revision));
  const { channel, calls } = serveChannel(batched, options);
  const session = randomUUID();
  const modern = modernPipeRequests(channel, calls, service, options, session);
  const legacy: LegacyServerSession = new LegacyServerSession({ channel, calls, service, options, session });
  channel.handTo({
    request(request) {
      const { method, params } = request;
      const isLegacy = legacy.begun || method === 'initialize' || method === 'ping';
      // Where there is no session, a request that names no version is told that it should have.
      if (requestEra(method, params) === 'legacy' && isLegacy) legacy.request(request);
      else modern(request);
    },
    notification: (notification) => legacy.notification(notification),
  });
  return servingOf(channel, calls, () => legacy.end());
}
