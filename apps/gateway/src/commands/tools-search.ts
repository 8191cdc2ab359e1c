import { createToolIndex, type Explanation, type Hit, staticEmbedder, toolGraph } from '@toolyard/native-index';
import type { Transport } from '@toolyard/protocol';

import { CommandFailure, type ExitCode, exitCodes } from '../cli/exit-codes.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { oneLine, table } from '../cli/table.ts';
import { documentOf, type GatewayTool, gatewayTools, type GatewayToolsOptions } from '../client/gateway-tools.ts';
import { interruptible } from '../client/interruptible.ts';

export interface ToolsSearchOptions extends GatewayToolsOptions {
  readonly query: string;
  readonly limit: number;
  /** Only tools of this server. */
  readonly server?: string;
  /** Only tools of servers with this tag. */
  readonly tag?: string;
  /** Whether it is said why each tool was found. */
  readonly explain: boolean;
  readonly json: boolean;
}

interface Found {
  readonly hit: Hit;
  readonly tool: GatewayTool | undefined;
  readonly why: Explanation | undefined;
}

/** Asks the running gateway for all its tools and ranks them in this process. */
export async function toolsSearch(
  options: ToolsSearchOptions,
  surroundings: Surroundings,
  transport: Transport,
  version: string,
): Promise<ExitCode> {
  const found = await interruptible(surroundings, async (signal) =>
    search(options, await gatewayTools(options, surroundings, transport, version, signal), signal),
  );
  if (options.json) surroundings.out(JSON.stringify({ tools: found.map(asJson) }));
  else if (found.length === 0) surroundings.out('Nothing was found. Say it in other words.');
  else surroundings.out(asTable(found, options));
  return exitCodes.ok;
}

async function search(
  { query, limit, server, tag, explain }: ToolsSearchOptions,
  tools: readonly GatewayTool[],
  signal: AbortSignal,
): Promise<readonly Found[]> {
  requireOne(
    'server',
    server,
    tools.map((tool) => tool.server),
  );
  requireOne(
    'tag',
    tag,
    tools.flatMap(({ tags }) => tags),
  );
  await using embedder = await staticEmbedder();
  await using index = await createToolIndex({ embedder, graph: toolGraph() });
  await index.upsert(tools.map(documentOf), { signal });
  const filter = {
    ...(server !== undefined && { servers: [server] }),
    ...(tag !== undefined && { tags: [tag] }),
  };
  const { hits } = await index.search(query, { limit, filter, signal });
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const found: Found[] = [];
  for (const hit of hits) {
    const why = explain ? await index.explain(query, hit.id, { filter, signal }) : undefined;
    found.push({ hit, tool: byName.get(hit.id), why });
  }
  return found;
}

/** A filter that nothing can pass is a slip of the pen. */
function requireOne(what: string, asked: string | undefined, all: readonly string[]): void {
  if (asked === undefined || all.includes(asked)) return;
  const known = [...new Set(all)].filter((name) => name !== '').toSorted();
  const are = known.length === 0 ? 'there is none' : `there are ${oneLine(known.join(', '), 500)}`;
  throw new CommandFailure(exitCodes.usage, `No tool has the ${what} "${oneLine(asked)}"; ${are}.`);
}

function asJson({ hit, tool, why }: Found, at: number): unknown {
  const { id, server, score, parts, through } = hit;
  return {
    rank: at + 1,
    score,
    name: id,
    server,
    description: tool?.definition.string('description'),
    ...(through !== undefined && { through }),
    ...(why !== undefined && { parts, terms: why.terms, features: why.features, bias: why.bias }),
  };
}

function asTable(found: readonly Found[], { query, explain }: ToolsSearchOptions): string {
  const rows = found.map(({ hit, tool }, at) => [
    String(at + 1),
    hit.score.toFixed(3),
    oneLine(hit.id),
    oneLine(hit.server),
    oneLine(tool?.definition.string('description') ?? tool?.definition.string('title') ?? ''),
  ]);
  const [head = '', ...lines] = table(['rank', 'score', 'tool', 'server', 'what it does'], rows).split('\n');
  if (!explain) return [head, ...lines].join('\n');
  return [head, ...lines.flatMap((line, at) => [line, ...reasons(found[at], query)])].join('\n');
}

/** In the order in which they matter: words, the parts of the score, what brought it in. */
function reasons(found: Found | undefined, query: string): readonly string[] {
  if (found === undefined) return [];
  const { hit, why } = found;
  const { lexical, dense, server, graph } = hit.parts;
  const numbers = Object.entries({ words: lexical, meaning: dense, server, graph });
  const terms = (why?.terms ?? []).map(
    ({ term, typed, fields }) =>
      `${oneLine(typed ?? asked(term, query))}${typed === undefined ? '' : ` (read as ${oneLine(term)})`} in ${fields.join(', ')}`,
  );
  return [
    `      parts    ${numbers.map(([name, value]) => `${name} ${value.toFixed(3)}`).join(', ')}`,
    ...(terms.length === 0 ? [] : [`      matched  ${terms.join('; ')}`]),
    ...(hit.through === undefined ? [] : [`      through  ${oneLine(hit.through)}, which needs it`]),
  ];
}

/** The word of the query that a stem was made of, where its letters show that. */
function asked(stem: string, query: string): string {
  return (query.match(/[\p{L}\p{N}]+/gu) ?? []).find((word) => word.toLowerCase().startsWith(stem)) ?? stem;
}
