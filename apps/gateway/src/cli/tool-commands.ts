import { type Command, InvalidArgumentError, Option } from 'commander';

import type { EvalOptions } from '../commands/eval/eval-options.ts';
import type { ListOptions } from '../commands/list.ts';
import type { ToolsCostOptions } from '../commands/tools-cost.ts';
import type { ToolsSearchOptions } from '../commands/tools-search.ts';
import type { ExitCode } from './exit-codes.ts';
import { connected, count, profiled } from './options.ts';

export interface ToolCommands {
  list(kind: 'tools', options: ListOptions): Promise<ExitCode>;
  toolsSearch(options: ToolsSearchOptions): Promise<ExitCode>;
  toolsCost(options: ToolsCostOptions): Promise<ExitCode>;
  eval(options: EvalOptions): Promise<ExitCode>;
}

/** `tools` with what is below it, and `eval`. */
export function addToolCommands(program: Command, commands: ToolCommands, done: (code: ExitCode) => void): void {
  const tools = profiled(program.command('tools'))
    .description('list the tools of the running gateway')
    .option('--cost', 'what each server and tool costs a model in tokens, and what search mode saves', false)
    .action(async ({ cost, ...options }: ListOptions & { readonly cost: boolean }) =>
      done(cost ? await commands.toolsCost(options) : await commands.list('tools', options)),
    );

  profiled(tools.command('search'))
    .description('rank the tools of the running gateway for a request, as a search for tools does')
    .argument('<query>', 'what the tool should do, in plain words', filled)
    .option('--limit <number>', 'how many tools at most', count(1_000), 10)
    .option('--server <id>', 'only tools of this server')
    .option('--tag <tag>', 'only tools of servers with this tag')
    .option('--explain', 'say why each was found', false)
    .action(async (query: string, options: Omit<ToolsSearchOptions, 'query'>) => {
      // What stands before "search" is taken by "tools".
      const before = tools.opts<ListOptions>();
      done(await commands.toolsSearch({ ...before, ...options, json: before.json || options.json, query }));
    });

  connected(program.command('eval'))
    .description('measure the search for tools on labelled sets; needs no gateway where --data or --tools is given')
    .option('--data <folder>', 'a folder of sets, or one set: tools.jsonl and queries.jsonl')
    .option(
      '--queries <file>',
      'one set: {id, query, relevant?} a line; about the tools of the running gateway unless --tools is given',
    )
    .option('--tools <file>', 'one set: {id, server, name, description?, inputSchema?} a line')
    .option(
      '--rankings <file>',
      'write {id, ranked, ms} a line there; with several sets a folder, with a file for each',
    )
    .addOption(
      new Option('--graph <edges>', 'along which edges a selection is completed; "declared" alone reads dependsOn')
        .choices(['declared', 'inferred', 'none'])
        .default('inferred'),
    )
    .option('--parts', 'measure words, meaning and both by themselves too', false)
    .option('--embedder <choice>', 'static, none, endpoint:URL or transformers:FOLDER', 'static')
    .option('--embedder-model <name>', 'the model of an endpoint; its key is TOOLYARD_EMBEDDER_KEY')
    .option('--embedder-dimension <number>', 'the length of its vectors', count(65_536))
    .option('--profile <name>', 'the tools that this profile of the gateway shows')
    .action(async (options: EvalOptions) => done(await commands.eval(options)));
}

function filled(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('it is empty');
  return text;
}
