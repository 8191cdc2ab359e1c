import type { Call, Reply, Service } from '@toolyard/protocol';
import { nearest } from '../../catalogue/entries/nearest.ts';
import type { ProfileView } from '../../views/view.ts';
import type { CountTokens, ToolFinder } from '../tool-finder.ts';
import { type FoundEntry, foundEntry, foundLine } from './found-tool.ts';
import type { MetaArguments } from './meta-arguments.ts';
import { findLimits } from './meta-tools.ts';
import { toolResult } from './tool-result.ts';
import { listMeta, unavailableLine, unavailableServers } from './unavailable.ts';

const maxFilters = 100;
const maxBudget = 1_000_000;

export interface FindToolsParts {
  readonly view: Pick<ProfileView, 'tools'>;
  readonly finder: ToolFinder;
  readonly countTokens: CountTokens;
  readonly next: Service;
}

/** Answers `find_tools`: the tools of this view that serve the query best, and which servers could not be searched. */
export async function findTools(call: Call, args: MetaArguments, parts: FindToolsParts): Promise<Reply> {
  const { view, finder, countTokens, next } = parts;
  const query = args.text('query');
  const limit = args.integer('limit', findLimits) ?? findLimits.default;
  const budget = args.integer('tokenBudget', { max: maxBudget });
  const servers = args.optionalTexts('servers', { max: maxFilters });
  const tags = args.optionalTexts('tags', { max: maxFilters });
  const missing = unavailableServers(await listMeta(call, next)).filter((id) => servers?.includes(id) ?? true);
  const byId = new Map([...view.tools.values()].map((tool) => [tool.id, tool]));
  const found = await finder.find(query, {
    limit,
    ...(servers !== undefined && { servers }),
    ...(tags !== undefined && { tags }),
    allows: (id) => byId.has(id),
    signal: call.signal,
  });
  const fits = budget === undefined ? () => Promise.resolve(true) : fitting(budget, countTokens);
  const tools: FoundEntry[] = [];
  for (const { id, score } of found) {
    const tool = byId.get(id);
    if (tool === undefined) continue;
    const entry = foundEntry(tool, score);
    if (!(await fits(foundLine(entry), entry))) break;
    tools.push(entry);
  }
  const lines = tools.map(foundLine);
  if (found.length > 0 && lines.length === 0) lines.push('What was found does not fit the tokenBudget.');
  if (found.length === 0) lines.push(nothingFound(servers, tags, view));
  const told = missing.length > 0 && (await fits(unavailableLine(missing), missing));
  return toolResult(
    { tools, ...(told && { unavailable: missing }) },
    [...lines, ...(told ? [unavailableLine(missing)] : [])].join('\n'),
  );
}

/** Whether one more still fits the budget, whichever form of it a client shows to the model: the text, or the structure. */
function fitting(budget: number, countTokens: CountTokens): (line: string, value: unknown) => Promise<boolean> {
  let left = budget;
  return async (line, value) => {
    left -= Math.max(await countTokens(`${line}\n`), await countTokens(`${JSON.stringify(value)},`));
    return left >= 0;
  };
}

function nothingFound(
  servers: readonly string[] | undefined,
  tags: readonly string[] | undefined,
  { tools }: FindToolsParts['view'],
): string {
  const known = new Set([...tools.values()].map(({ server }) => server));
  const wrong = servers?.find((id) => !known.has(id));
  if (wrong !== undefined) {
    const near = nearest(wrong, known);
    return `No server "${wrong.slice(0, 128)}" has tools here.${near.length === 0 ? '' : ` Near: ${near.join(', ')}.`}`;
  }
  const filtered = servers !== undefined || tags !== undefined;
  return `Nothing was found${filtered ? ' within these servers and tags' : ''}. Say it in other words.`;
}
