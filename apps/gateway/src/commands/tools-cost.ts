import { createTokenCounter, createToolIndex, staticEmbedder, type TokenCounter } from '@toolyard/native-index';
import { searchMode, type ViewTool } from '@toolyard/orchestrator';
import { createCall, RawObject, type Service, type Transport } from '@toolyard/protocol';

import { type ExitCode, exitCodes } from '../cli/exit-codes.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { oneLine, table } from '../cli/table.ts';
import { documentOf, type GatewayTool, gatewayTools, type GatewayToolsOptions } from '../client/gateway-tools.ts';
import { interruptible } from '../client/interruptible.ts';

export interface ToolsCostOptions extends GatewayToolsOptions {
  readonly json: boolean;
}

interface Cost {
  readonly servers: readonly { readonly server: string; readonly tools: number; readonly tokens: number }[];
  readonly tools: readonly { readonly name: string; readonly server: string; readonly tokens: number }[];
  readonly tokens: number;
  readonly search: SearchCost;
}

interface SearchCost {
  /** What search mode lists in place of the tools. */
  readonly metaTools: number;
  /** One answer of `find_tools`; the mean of up to `samples`. */
  readonly find: number;
}

/** Searches that the cost of one is taken from. */
const samples = 25;

/** Prints what the tools of the running gateway cost a model, and what they would in search mode. */
export async function toolsCost(
  options: ToolsCostOptions,
  surroundings: Surroundings,
  transport: Transport,
  version: string,
): Promise<ExitCode> {
  const cost = await interruptible(surroundings, async (signal) =>
    costOf(await gatewayTools(options, surroundings, transport, version, signal), signal),
  );
  surroundings.out(options.json ? JSON.stringify(cost) : render(cost));
  return exitCodes.ok;
}

async function costOf(tools: readonly GatewayTool[], signal: AbortSignal): Promise<Cost> {
  const counter = createTokenCounter();
  const costs: { name: string; server: string; tokens: number }[] = [];
  for (const { name, server, definition } of tools) {
    signal.throwIfAborted();
    costs.push({ name, server, tokens: await counter.count(asListed(definition)) });
  }
  const servers = new Map<string, { server: string; tools: number; tokens: number }>();
  for (const { server, tokens } of costs) {
    const before = servers.get(server) ?? { server, tools: 0, tokens: 0 };
    servers.set(server, { server, tools: before.tools + 1, tokens: before.tokens + tokens });
  }
  const dearest = (a: { readonly tokens: number }, b: { readonly tokens: number }): number => b.tokens - a.tokens;
  return {
    servers: [...servers.values()].toSorted(dearest),
    tools: costs.toSorted(dearest),
    tokens: costs.reduce((sum, { tokens }) => sum + tokens, 0),
    search: await searchCost(tools, counter, signal),
  };
}

/** Asks search mode itself: for its list, and for tools like some that are spread over the catalogue. */
async function searchCost(
  tools: readonly GatewayTool[],
  counter: TokenCounter,
  signal: AbortSignal,
): Promise<SearchCost> {
  await using embedder = await staticEmbedder();
  await using index = await createToolIndex({ embedder });
  const documents = new Map(tools.map((tool) => [tool.name, { tool, document: documentOf(tool) }]));
  await index.upsert(
    [...documents.values()].map(({ document }) => document),
    { signal },
  );
  const shown = new Map(
    [...documents].map(([name, { tool, document }]): [string, ViewTool] => [
      name,
      { id: name, name, ownName: document.name, server: tool.server, definition: tool.definition },
    ]),
  );
  const service = searchMode({
    view: { tools: shown, pinned: [] },
    finder: { find: async (query, { limit }) => (await index.search(query, { limit, signal })).hits },
    countTokens: counter.count,
    mode: 'search',
  })(nothingBehind);
  const ask = async (method: string, params: RawObject): Promise<RawObject> =>
    (await service(createCall(method, { params, signal, caller: { principal: 'cli' } }))).result;

  let metaTools = 0;
  for (const tool of (await ask('tools/list', RawObject.empty)).array('tools') ?? [])
    if (tool instanceof RawObject) metaTools += await counter.count(asListed(tool));
  const step = Math.max(1, Math.floor(tools.length / samples));
  const asked = tools.filter((_, at) => at % step === 0).slice(0, samples);
  let find = 0;
  for (const { name, definition } of asked) {
    const query = oneLine(definition.string('description') ?? '') || name;
    const params = RawObject.of({ name: 'find_tools', arguments: { query } });
    const [block] = (await ask('tools/call', params)).array('content') ?? [];
    find += await counter.count((block instanceof RawObject ? block.string('text') : undefined) ?? '');
  }
  return { metaTools, find: Math.round(find / (asked.length || 1)) };
}

const nothingBehind: Service = () => Promise.resolve({ result: RawObject.of({ resultType: 'complete', tools: [] }) });

/** What clients show a model of a tool. */
function asListed(definition: RawObject): string {
  const members = ['name', 'description', 'inputSchema'].flatMap((key): readonly [string, unknown][] => {
    const member = definition.member(key);
    return member === undefined ? [] : [[key, member]];
  });
  return RawObject.of(Object.fromEntries(members)).text;
}

function render({ servers, tools, tokens, search }: Cost): string {
  if (tools.length === 0) return 'The gateway has no tools.';
  const share = (part: number): string => `${((100 * part) / (tokens || 1)).toFixed(1)} %`;
  const total = ['total', String(tools.length), String(tokens), share(tokens)];
  const serverRows = servers.map((one) => [
    oneLine(one.server) || '-',
    String(one.tools),
    String(one.tokens),
    share(one.tokens),
  ]);
  const toolRows = tools.map((one) => [
    oneLine(one.name),
    oneLine(one.server) || '-',
    String(one.tokens),
    share(one.tokens),
  ]);
  const searched = search.metaTools + search.find;
  const saved = tokens - searched;
  return [
    table(['server', 'tools', 'tokens', 'share'], [...serverRows, total]),
    table(['tool', 'server', 'tokens', 'share'], toolRows),
    `In search mode a model would see ${search.metaTools} tokens of meta-tools, and ${search.find} for each answer of find_tools, ${searched} together: ${
      saved > 0 ? `${saved} fewer (${share(saved)})` : `${-saved} more`
    }.`,
    'Tokens of o200k, of name, description and input schema, which is what clients show a model.',
  ].join('\n\n');
}
