import { ToolyardError } from '@toolyard/protocol';
import type { Server } from './server/server.ts';

/** Starts all; with `failFast` any first attempt that failed closes all and rejects with every failure. */
export async function startAll(
  servers: readonly Server[],
  failFast: boolean,
  close: () => Promise<void>,
): Promise<void> {
  const outcomes = await Promise.all(
    servers.map(async (server) => ({ server: server.id, failure: await server.start() })),
  );
  const failures = outcomes.flatMap(({ server, failure }) =>
    failure === undefined ? [] : [{ server, code: failure.code, why: failure.message }],
  );
  if (!failFast || failures.length === 0) return;
  await close();
  const facts = failures.map(({ server, code }) => ({ server, code }));
  const said = failures.map(({ server, why }) => `${server}: ${why}`).join(' ');
  throw new ToolyardError(
    'START_FAILED',
    { failures: facts },
    `${failures.length} of ${servers.length} servers did not start. ${said}`,
  );
}
