import { Command, CommanderError, Option } from 'commander';

import { defaultHost, defaultPort } from '../client/endpoint.ts';
import type { CallOptions } from '../commands/call.ts';
import type { ListKind, ListOptions } from '../commands/list.ts';
import type { PsOptions } from '../commands/ps.ts';
import type { StatusOptions } from '../commands/status.ts';
import type { UpOptions } from '../commands/up.ts';
import { metricsAudiences } from '../observe/metrics-door.ts';
import type { ExitCode } from './exit-codes.ts';
import { connected, milliseconds, port, profiled } from './options.ts';
import { addToolCommands, type ToolCommands } from './tool-commands.ts';

/** What the command line can ask for. */
export interface Commands extends ToolCommands {
  up(options: Omit<UpOptions, 'program'>): Promise<ExitCode>;
  status(options: StatusOptions): Promise<ExitCode>;
  ps(options: PsOptions): Promise<ExitCode>;
  list(kind: ListKind, options: ListOptions): Promise<ExitCode>;
  call(options: CallOptions): Promise<ExitCode>;
}

export interface ProgramOptions {
  readonly version: string;
  readonly commands: Commands;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Told how the command ended. */
  readonly done: (code: ExitCode) => void;
}

const exitCodeHelp = `
Exit codes:
  0    done (up: also when SIGINT or SIGTERM ended it in order)
  1    failed: a tool answered with an error, no server is up, the port is in use, a set scores less than --floor wants
  2    the command line, its JSON, the configuration or a labelled set is wrong
  69   no gateway answers
  130  ended by SIGINT: a call was cancelled, or up got a second signal (143 for SIGTERM)`;

/** The command line: names, options and help; what they do is in `commands`. Throws `CommanderError` where it is wrong, or only help was wanted. */
export function createProgram({ version, commands, out, err, done }: ProgramOptions): Command {
  const program = new Command('toolyard')
    .description('Any number of MCP servers behind one endpoint that every client can use.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => out(text.trimEnd()), writeErr: (text) => err(text.trimEnd()) })
    .showHelpAfterError('(toolyard --help shows what there is)')
    .addHelpText('after', exitCodeHelp);

  program
    .command('up')
    .description('serve the servers of a configuration until SIGINT or SIGTERM; SIGHUP has it read again')
    .argument('[config]', 'the configuration', 'toolyard.yaml')
    .option('--port <number>', 'port to listen on; 0 takes any that is free', port, defaultPort)
    .option('--host <address>', 'address to listen on', defaultHost)
    .option('--stdio', 'serve on stdin and stdout instead; for clients that start the gateway themselves', false)
    .option('--profile <name>', 'serve this profile there (default: "default" where there is one, else everything)')
    .option('--drain <ms>', 'how long calls in flight may take to finish at the end', milliseconds, 5_000)
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent; also LOG_LEVEL')
    .addOption(
      new Option('--metrics <who>', 'who is shown /metrics: this machine, whoever reaches the port, or nobody')
        .choices(metricsAudiences)
        .default('local'),
    )
    .option('--json', 'print the status as one line of JSON when ready', false)
    .action(
      async (
        config: string,
        options: Omit<UpOptions, 'config' | 'drainMs' | 'program'> & { readonly drain: number },
      ) => {
        const { drain, ...rest } = options;
        done(await commands.up({ ...rest, config, drainMs: drain }));
      },
    );

  connected(program.command('status'))
    .description('show the state of the running gateway and its servers')
    .option('--watch', 'go on showing it, once a second, until q or Ctrl-C', false)
    .action(async (options: StatusOptions) => done(await commands.status(options)));

  connected(program.command('ps'))
    .description('show the processes of the gateway that runs on this machine')
    .action(async (options: PsOptions) => done(await commands.ps(options)));

  addToolCommands(program, commands, done);

  for (const kind of ['prompts', 'resources'] as const) {
    profiled(program.command(kind))
      .description(`list the ${kind} of the running gateway`)
      .action(async (options: ListOptions) => done(await commands.list(kind, options)));
  }

  profiled(program.command('call'))
    .description('call a tool through the running gateway; progress is shown on stderr, Ctrl-C cancels')
    .argument('<tool>', 'its name, as "toolyard tools" shows it')
    .argument('[arguments]', 'a JSON object')
    .action(async (tool: string, args: string | undefined, options: ListOptions) =>
      done(await commands.call({ ...options, tool, args })),
    );

  return program;
}

/** Whether the command line was wrong (`exitCode` is not 0), or only help or the version was wanted. */
export function isCommandLineError(error: unknown): error is CommanderError {
  return error instanceof CommanderError;
}
