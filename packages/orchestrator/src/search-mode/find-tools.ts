import type { Call, Reply } from '@toolyard/protocol';
import type { ProfileView, ViewTool } from '../views/view.ts';
import type { MetaArguments } from './meta-arguments.ts';
import { findLimits } from './meta-tools.ts';
import { oneLine, signature } from './signature.ts';
import type { CountTokens, ToolFinder } from './tool-finder.ts';
import { toolResult } from './tool-result.ts';

const maxFilters = 100;
const maxBudget = 1_000_000;

export interface FindToolsParts {
  readonly view: Pick<ProfileView, 'tools'>;
  readonly finder: ToolFinder;
  readonly countTokens: CountTokens;
}

interface ListedTool {
  readonly name: string;
  readonly server: string;
  readonly description: string;
  readonly arguments: string;
  readonly score: number;
}

/** Answers `find_tools`: the tools of this view that serve the query best, as short as they can be said. */
export async function findTools(
  call: Call,
  args: MetaArguments,
  { view, finder, countTokens }: FindToolsParts,
): Promise<Reply> {
  const query = args.text('query');
  const limit = args.integer('limit', findLimits) ?? findLimits.default;
  const budget = args.integer('tokenBudget', { max: maxBudget });
  const servers = args.optionalTexts('servers', { max: maxFilters });
  const tags = args.optionalTexts('tags', { max: maxFilters });
  const byId = new Map([...view.tools.values()].map((tool) => [tool.id, tool]));
  const found = await finder.find(query, {
    limit,
    ...(servers !== undefined && { servers }),
    ...(tags !== undefined && { tags }),
    allows: (id) => byId.has(id),
    signal: call.signal,
  });
  const listed: ListedTool[] = [];
  const lines: string[] = [];
  let left = budget ?? Number.POSITIVE_INFINITY;
  for (const { id, score } of found) {
    const tool = byId.get(id);
    if (tool === undefined) continue;
    const entry = describe(tool, score);
    const line = lineOf(entry);
    // Some clients show a model the one, some the other.
    if (budget !== undefined)
      left -= Math.max(await countTokens(`${line}\n`), await countTokens(`${JSON.stringify(entry)},`));
    if (left < 0) break;
    listed.push(entry);
    lines.push(line);
  }
  return toolResult(
    { tools: listed },
    lines.length > 0 ? lines.join('\n') : nothing(found.length > 0, servers ?? tags),
  );
}

function nothing(some: boolean, filter: readonly string[] | undefined): string {
  if (some) return 'What was found does not fit the tokenBudget.';
  return `Nothing was found${filter === undefined ? '' : ' within these servers and tags'}. Say it in other words.`;
}

function describe({ name, server, definition }: ViewTool, score: number): ListedTool {
  return {
    name,
    server,
    description: oneLine(definition.string('description') ?? definition.string('title') ?? ''),
    arguments: signature(definition.member('inputSchema')?.value),
    score: Math.round(score * 1_000) / 1_000,
  };
}

function lineOf({ name, arguments: args, description }: ListedTool): string {
  return `${name}(${args})${description === '' ? '' : `: ${description}`}`;
}
