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
    .description('measure how well tools are found: for labelled sets, or for the tools of the running gateway')
    .option('--data <folder>', 'one set, tools.jsonl and queries.jsonl, or a folder of such folders')
    .option('--tools <file>', 'the tools of one set, {id, server?, name?, description?, inputSchema?} a line')
    .option(
      '--queries <file>',
      'its requests, {id, query, relevant?} a line; without --tools they are about those of the running gateway',
    )
    .option('--rankings <file>', 'write {id, ranked, ms} a line there; of several sets, {set, id, ranked, ms}')
    .option('--floor <file>', 'fail where a set scores less than {"<set>": {"NDCG@10": 0.8, …}} says')
    .addOption(
      new Option('--graph <edges>', 'what completes a selection: only "declared" reads dependsOn')
        .choices(['declared', 'inferred', 'none'])
        .default('inferred'),
    )
    .option('--parts', 'measure words, meaning, and both without the graph by themselves too', false)
    .option(
      '--embedder <choice>',
      'static, none, endpoint:<base url> ("/embeddings" is added unless it ends in that) or transformers:<folder>',
      'static',
    )
    .option('--embedder-model <name>', 'the model of an endpoint; its key is TOOLYARD_EMBEDDER_KEY')
    .option('--embedder-dimension <number>', 'how many numbers a vector of that model has', count(65_536))
    .option('--profile <name>', 'through this profile of the gateway')
    .addHelpText('after', evalHelp)
    .action(async (options: EvalOptions) => done(await commands.eval(options)));
}

const evalHelp = `
Each query is ranked without a look at its labels; queries that have none are not scored. "ranked" has ten
ids, best first, or all where there are fewer: after what was found come the other tools in the order of
their ids.

Examples:
  toolyard eval --data sets --rankings rankings.jsonl
  toolyard eval --tools tools.jsonl --queries queries.jsonl --graph declared --parts
  toolyard eval --queries queries.jsonl --url http://127.0.0.1:7420/mcp`;

function filled(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('it is empty');
  return text;
}
