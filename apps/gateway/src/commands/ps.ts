import { CommandFailure, type ExitCode, exitCodes } from '../cli/exit-codes.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { askProcesses } from '../client/ask-processes.ts';
import { chooseEndpoint, processesUrl } from '../client/endpoint.ts';
import { noAnswer } from '../client/no-answer.ts';
import { dataFolder } from '../data/data-folder.ts';
import { operatorToken } from '../processes/operator-token.ts';
import { renderProcesses } from '../processes/render-processes.ts';

export interface PsOptions {
  readonly url?: string;
  readonly json: boolean;
}

/** Shows the processes and instances of a gateway that runs on this machine, with the same data folder. */
export async function ps(options: PsOptions, { environment, cwd, out }: Surroundings): Promise<ExitCode> {
  const endpoint = chooseEndpoint(options.url, environment);
  // What lets one in here is not for other machines to see.
  if (!/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(endpoint.hostname))
    throw new CommandFailure(exitCodes.usage, `ps asks a gateway on this machine, which ${endpoint.hostname} is not.`);
  const data = dataFolder(environment, cwd);
  const token = await operatorToken(data);
  const asked = await askProcesses(processesUrl(endpoint), token).catch(async (error: unknown) => {
    throw await noAnswer(endpoint, error);
  });
  if (token === undefined)
    throw new CommandFailure(exitCodes.failed, `The secret in ${data} cannot be read. ${advice}`);
  const { code, body, report } = asked;
  if (code === 401 || code === 404)
    throw new CommandFailure(
      exitCodes.failed,
      `The gateway at ${endpoint.origin} does not know the secret in ${data}. ${advice}`,
    );
  if (report === undefined)
    throw new CommandFailure(exitCodes.unavailable, `What answers at ${endpoint.origin} is no Toolyard gateway.`);
  out(options.json ? JSON.stringify(body) : renderProcesses(report.processes));
  return exitCodes.ok;
}

const advice = 'Run this as the user whom the gateway runs as, with the same TOOLYARD_DATA.';
