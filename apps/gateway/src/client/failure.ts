import { type RawObject, ToolyardError } from '@toolyard/protocol';

import { CommandFailure, exitCodes } from '../cli/exit-codes.ts';
import { oneLine, printable } from '../cli/table.ts';

/** What went wrong with a call, in one sentence. Anything that is not the gateway's answer is thrown on. */
export function callFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (ToolyardError.is(error, 'UPSTREAM_ERROR'))
    return new CommandFailure(exitCodes.failed, rpcError(error.facts.error), { cause: error });
  if (ToolyardError.is(error, 'CANCELLED'))
    return new CommandFailure(exitCodes.interrupted, 'Cancelled.', { cause: error });
  if (ToolyardError.is(error, 'CONFIG_INVALID') || ToolyardError.is(error, 'TOOL_DOCUMENT_INVALID'))
    return new CommandFailure(exitCodes.usage, printable(error.message), { cause: error });
  if (ToolyardError.is(error)) return new CommandFailure(exitCodes.failed, error.message, { cause: error });
  throw error;
}

function rpcError(error: RawObject): string {
  const message = oneLine(error.string('message') ?? 'The gateway answered with an error.', 500);
  const nearest =
    error
      .object('data')
      ?.array('nearest')
      ?.map(({ text }) => text) ?? [];
  return nearest.length === 0 ? message : `${message} Near: ${nearest.join(', ')}.`;
}
