import { RawObject, ToolyardError, type Transport } from '@toolyard/protocol';

import { CommandFailure, type ExitCode, exitCodes } from '../cli/exit-codes.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { chooseEndpoint } from '../client/endpoint.ts';
import { connectGateway } from '../client/gateway-client.ts';
import { interruptible } from '../client/interruptible.ts';
import { renderNotification, renderResult } from '../client/render-result.ts';

export interface CallOptions {
  readonly tool: string;
  /** A JSON object; `{}` where it was left out. */
  readonly args: string | undefined;
  readonly url?: string;
  /** Through which profile. */
  readonly profile?: string;
  readonly json: boolean;
}

/** Calls a tool through the running gateway. Progress goes to `err`, the result to `out`; SIGINT cancels the call upstream. */
export async function call(
  options: CallOptions,
  surroundings: Surroundings,
  transport: Transport,
  version: string,
): Promise<ExitCode> {
  const endpoint = chooseEndpoint(options.url, surroundings.environment, options.profile);
  const params = RawObject.of({ name: options.tool, arguments: readArguments(options.args) });
  return interruptible(surroundings, async (signal) => {
    await using client = await connectGateway({ endpoint, transport, version, signal });
    const result = await client.call('tools/call', params, {
      signal,
      onNotification: ({ method, params: told }) => {
        const line = renderNotification(method, told);
        if (line !== undefined) surroundings.err(line);
      },
    });
    return show(result, options.json, surroundings);
  });
}

function show(result: RawObject, json: boolean, { out, err }: Surroundings): ExitCode {
  if (json) out(result.text);
  else if (result.string('resultType') !== 'input_required') out(renderResult(result));
  if (result.string('resultType') === 'input_required') {
    const asked = result.object('inputRequests')?.keys().length ?? 0;
    err(
      `The tool asks for input (${asked} ${asked === 1 ? 'question' : 'questions'}), which this command cannot give; call it from a client that can.`,
    );
    return exitCodes.failed;
  }
  return result.member('isError')?.value === true ? exitCodes.failed : exitCodes.ok;
}

/** Kept verbatim, so that big integers arrive as they were typed. */
function readArguments(text: string | undefined): RawObject {
  if (text === undefined) return RawObject.empty;
  try {
    return RawObject.read(Buffer.from(text));
  } catch (error) {
    if (!ToolyardError.is(error)) throw error;
    throw new CommandFailure(
      exitCodes.usage,
      `The arguments must be a JSON object, such as '{"path":"notes.txt"}': ${error.message}`,
      { cause: error },
    );
  }
}
