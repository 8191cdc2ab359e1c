import type { Call, Reply, Service } from '@toolyard/protocol';
import { RawObject, ToolyardError } from '@toolyard/protocol';
import { call } from '../../testing/harness.ts';
import type { ProfileView, ViewTool } from '../../views/view.ts';
import { searchMode, type SearchModeOptions } from '../search-mode.ts';
import type { FindOptions, ToolFinder } from '../tool-finder.ts';

/** A tool as a view shows it: `id` is `server__name`. */
export function shown(name: string, definition: Record<string, unknown> | RawObject = {}, server = 'files'): ViewTool {
  const raw = definition instanceof RawObject ? definition : RawObject.of({ name, inputSchema: {}, ...definition });
  return { id: `${server}__${name}`, name, server, ownName: name, definition: raw };
}

/** A view whose tools a test replaces. */
export class FakeView implements Pick<ProfileView, 'tools' | 'pinned'> {
  tools: ReadonlyMap<string, ViewTool> = new Map();
  pinned: readonly ViewTool[] = [];

  constructor(...tools: readonly ViewTool[]) {
    this.show(...tools);
  }

  show(...tools: readonly ViewTool[]): void {
    this.tools = new Map(tools.map((tool) => [tool.name, tool]));
  }
}

/** Finds the ids that it is told to, in that order, and remembers what it was asked. */
export class FakeFinder implements ToolFinder {
  readonly asked: (FindOptions & { readonly query: string })[] = [];
  readonly usedTogether: (readonly string[])[] = [];
  finds: readonly string[] = [];

  find(query: string, options: FindOptions): ReturnType<ToolFinder['find']> {
    this.asked.push({ query, ...options });
    const found = this.finds.filter((id) => options.allows(id)).slice(0, options.limit);
    return Promise.resolve(found.map((id, at) => ({ id, score: 1 / (at + 1) })));
  }

  used(ids: readonly string[]): void {
    this.usedTogether.push(ids);
  }
}

export interface Rig {
  readonly service: Service;
  readonly finder: FakeFinder;
  /** Calls that came through. */
  readonly passed: readonly Call[];
  /** The tools that those were of. */
  readonly called: readonly string[];
  tool(name: string, args?: unknown, more?: Record<string, unknown>, over?: Partial<Call>): Promise<Said>;
}

export interface Said {
  readonly resultType: string;
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent: Record<string, unknown>;
  readonly isError?: boolean;
}

/** One word is one token. */
export const countWords: SearchModeOptions['countTokens'] = (text) =>
  Promise.resolve(text.split(/\W+/).filter((word) => word !== '').length);

/** Search mode over a service that answers what `answer` says; without it, with an empty result, and with `TOOL_UNKNOWN` for tools that are not shown. */
export function rig(
  view: FakeView,
  options: Partial<SearchModeOptions> & { readonly answer?: (call: Call) => Promise<Reply> } = {},
): Rig {
  const { answer, ...more } = options;
  const finder = new FakeFinder();
  const passed: Call[] = [];
  const called: string[] = [];
  const next: Service = (each) => {
    passed.push(each);
    const name = each.method === 'tools/call' ? (each.params.string('name') ?? '') : undefined;
    if (name !== undefined) called.push(name);
    if (name !== undefined && !view.tools.has(name))
      return Promise.reject(new ToolyardError('TOOL_UNKNOWN', { tool: name, nearest: ['read'] }, 'unknown'));
    return answer?.(each) ?? Promise.resolve({ result: RawObject.of({ resultType: 'complete' }) });
  };
  const service = searchMode({ view, finder, countTokens: countWords, mode: 'search', ...more })(next);
  return {
    service,
    finder,
    passed,
    called,
    async tool(name, args = {}, rest = {}, over = {}) {
      const { result } = await service(call('tools/call', { name, arguments: args, ...rest }, over));
      return result.value as Said;
    },
  };
}
