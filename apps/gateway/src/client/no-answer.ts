import { once } from 'node:events';
import { connect } from 'node:net';

import { ToolyardError } from '@toolyard/protocol';

import { CommandFailure, exitCodes } from '../cli/exit-codes.ts';

/** How long a gateway may take to answer. */
export const answerWithinMs = 10_000;
const acceptWithinMs = 1_000;

/** Why nothing came from an endpoint, in words: whether there is nobody, or somebody who says nothing. */
export async function noAnswer(endpoint: URL, cause: unknown): Promise<CommandFailure> {
  const message =
    isLate(cause) && (await accepts(endpoint))
      ? `What listens at ${endpoint.origin} accepted the connection, but did not answer within ${answerWithinMs / 1_000} s.`
      : `No gateway answers at ${endpoint.origin}; start one with "toolyard up", or name another with --url or TOOLYARD_URL.`;
  return new CommandFailure(exitCodes.unavailable, message, { cause });
}

function isLate(error: unknown): boolean {
  return ToolyardError.is(error, 'UPSTREAM_TIMEOUT') || (error instanceof Error && error.name === 'TimeoutError');
}

/** Whether somebody takes connections there. */
async function accepts({ hostname, port, protocol }: URL): Promise<boolean> {
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(acceptWithinMs) });
    return true;
  } catch {
    return false;
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}
