import type { RawJson, Service } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { namePrefix } from '../catalogue/entries/names.ts';
import { missingServers, resultMeta } from '../catalogue/missing-servers.ts';
import type { Roster } from '../catalogue/roster.ts';
import type { Upstream } from '../catalogue/upstream.ts';
import type { Limits } from '../limits.ts';
import { tasksExtension } from '../tasks/extension.ts';

export interface DiscoverOptions {
  readonly roster: Roster;
  readonly naming: 'prefixed' | 'flat';
  readonly limits: Limits;
  readonly serverInfo: RawJson;
}

/** Answers `server/discover`: what all servers can do together, or under flat naming what the one server said. */
export function answerDiscover(options: DiscoverOptions): Service {
  const { roster, naming, serverInfo } = options;
  return () => {
    const { all: upstreams } = roster;
    const missing = missingServers(undefined, upstreams);
    const sole = naming === 'flat' ? upstreams[0]?.offer?.discovery : undefined;
    const said = upstreams.flatMap(({ up, offer }) => (up && offer !== undefined ? [offer.discovery] : []));
    const complete = missing.length === 0 && said.length > 0;
    const result = RawObject.of({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: sole?.capabilities ?? unitedCapabilities(upstreams),
      instructions: sole === undefined ? composedInstructions(options) : sole.instructions,
      ttlMs: complete ? Math.min(...said.map(({ ttlMs }) => ttlMs)) : 0,
      cacheScope: complete && said.every(({ cacheScope }) => cacheScope === 'public') ? 'public' : 'private',
      _meta: resultMeta(serverInfo, missing),
    });
    return Promise.resolve({ result });
  };
}

/** Extensions that work through a gateway over several servers: what they need to be renamed or routed is done here. */
const relayableExtensions: readonly string[] = [tasksExtension, 'io.modelcontextprotocol/ui'];

/**
 * What any server can do, those that are down for the moment included. A server that was never seen may bring tools, prompts and
 * resources later, and clients that ask once must not be told that there are none.
 */
function unitedCapabilities(upstreams: readonly Upstream[]): RawObject {
  const declared = upstreams.flatMap(({ offer }) => offer?.discovery.capabilities ?? []);
  const unseen = upstreams.some(({ offer }) => offer === undefined);
  const any = (key: string): boolean => declared.some((capabilities) => capabilities.has(key));
  const subscribe =
    unseen || declared.some((capabilities) => capabilities.object('resources')?.member('subscribe')?.value === true);
  return RawObject.of({
    tools: unseen || any('tools') ? { listChanged: true } : undefined,
    prompts: unseen || any('prompts') ? { listChanged: true } : undefined,
    resources: unseen || any('resources') ? { listChanged: true, ...(subscribe && { subscribe }) } : undefined,
    completions: any('completions') ? {} : undefined,
    logging: any('logging') ? {} : undefined,
    extensions: unitedExtensions(declared),
  });
}

function unitedExtensions(declared: readonly RawObject[]): RawObject | undefined {
  let united: RawObject | undefined;
  for (const name of relayableExtensions) {
    const [first] = declared.flatMap((capabilities) => capabilities.object('extensions')?.member(name) ?? []);
    if (first !== undefined) united = (united ?? RawObject.empty).with(name, first);
  }
  return united;
}

/** The instructions of the servers that are up, each under its title and with the prefix of its names. */
function composedInstructions({ roster, limits }: DiscoverOptions): string | undefined {
  const parts: string[] = [];
  let room = limits.maxAllInstructionsChars;
  for (const { up, id, title, offer } of roster.all) {
    const instructions = up ? offer?.discovery.instructions?.trim() : undefined;
    if (instructions === undefined || instructions === '') continue;
    const part = `# ${title}\nNames of this server begin with ${namePrefix(id)}\n\n${cut(instructions, limits.maxInstructionsChars)}`;
    room -= part.length + 2;
    if (room < 0) break;
    parts.push(part);
  }
  return parts.length === 0 ? undefined : parts.join('\n\n');
}

function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const kept = text.slice(0, maxChars - 1);
  return `${kept.isWellFormed() ? kept : kept.slice(0, -1)}…`;
}
