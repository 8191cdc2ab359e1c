import { call } from '../commands/call.ts';
import { list } from '../commands/list.ts';
import { ps } from '../commands/ps.ts';
import { status } from '../commands/status.ts';
import { up } from '../commands/up.ts';
import { createClientTransport } from '../client/client-transport.ts';
import { composeGateway } from '../compose.ts';
import { version } from '../version.ts';
import { CommandFailure, type ExitCode, exitCodes } from './exit-codes.ts';
import { createProgram, isCommandLineError } from './program.ts';
import type { Surroundings } from './surroundings.ts';

/** Runs one command line, and resolves with what the process is to end with. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { out, err } = surroundings;
  const [node = process.execPath, script = 'toolyard'] = argv;
  let code: ExitCode = exitCodes.ok;
  const program = createProgram({
    version,
    out,
    err,
    done: (ended) => {
      code = ended;
    },
    commands: {
      up: (options) => up({ ...options, program: [node, script] }, surroundings, composeGateway),
      status: (options) => status(options, surroundings),
      ps: (options) => ps(options, surroundings),
      list: (kind, options) => list(kind, options, surroundings, createClientTransport(), version),
      call: (options) => call(options, surroundings, createClientTransport(), version),
      // What ranks is loaded only where something is ranked.
      toolsSearch: async (options) => {
        const { toolsSearch } = await import('../commands/tools-search.ts');
        return toolsSearch(options, surroundings, createClientTransport(), version);
      },
      toolsCost: async (options) => {
        const { toolsCost } = await import('../commands/tools-cost.ts');
        return toolsCost(options, surroundings, createClientTransport(), version);
      },
      eval: async (options) => {
        const { evaluate } = await import('../commands/eval/eval.ts');
        return evaluate(options, surroundings, createClientTransport(), version);
      },
    },
  });
  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    if (isCommandLineError(error)) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error instanceof CommandFailure) {
      err(error.message);
      return error.exitCode;
    }
    err(`Something unexpected happened: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return exitCodes.failed;
  }
}
