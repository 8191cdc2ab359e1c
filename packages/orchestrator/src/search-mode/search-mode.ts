import type { Call, Middleware, Reply, Service } from '@toolyard/protocol';
import { RawObject, rawArray } from '@toolyard/protocol';
import type { ProfileMode } from '@toolyard/registry';
import type { ProfileView } from '../views/view.ts';
import { chooseMode } from './choose-mode.ts';
import { callTool } from './meta-tools/call-tool.ts';
import { describeTools } from './meta-tools/describe-tools.ts';
import { findTools } from './meta-tools/find-tools.ts';
import { ArgumentProblem, metaArguments } from './meta-tools/meta-arguments.ts';
import { metaToolNames, metaTools } from './meta-tools/meta-tools.ts';
import { toolFailure } from './meta-tools/tool-result.ts';
import { listMeta } from './meta-tools/unavailable.ts';
import { quieter } from './quieter.ts';
import { createArgumentCheck } from './schema/check-arguments.ts';
import type { CountTokens, ToolFinder } from './tool-finder.ts';
import { createUse } from './use.ts';

export interface SearchModeOptions {
  /** What is shown; looked at anew with each call. */
  readonly view: Pick<ProfileView, 'tools' | 'pinned'>;
  readonly finder: ToolFinder;
  readonly countTokens: CountTokens;
  /** Looked at anew with each call, like `budgetTokens`: who listens hears of a change of them where the view tells that its tools changed. */
  readonly mode: ProfileMode;
  /** For `auto`: what the definitions of the tools may cost before they have to be searched for. Default 10,000. */
  readonly budgetTokens?: number | undefined;
  /** Is told of each list that was answered with meta-tools: what was listed in place of which tools. Default: nobody is. */
  readonly onList?: (listed: readonly RawObject[], tools: ProfileView['tools']) => void;
}

/** In `_meta` of `tools/list`: `direct` asks for the tools themselves, whatever the mode. */
export const modeKey = 'io.github.toolyard/mode';

/**
 * Lists three meta-tools (find, describe, call) in place of a catalogue, so that it costs a client a few hundred tokens whatever its size. Keeps nothing
 * between calls of a caller. Tools can still be called by their own names: a client may know them from before.
 */
export function searchMode(options: SearchModeOptions): Middleware {
  const { view, finder, countTokens, onList } = options;
  const choose = chooseMode(options, countTokens);
  const check = createArgumentCheck();
  const use = createUse(finder);
  /** What clients list now; told apart by what it costs them to know. */
  const shown = async (): Promise<readonly RawObject[] | undefined> =>
    (await choose(view.tools)) === 'direct' ? undefined : shownDefinitions(view);

  return (next) => {
    const meta = new Map<string, Service>([
      [metaToolNames.find, (call) => findTools(call, metaArguments(call), { view, finder, countTokens, next })],
      [metaToolNames.describe, async (call) => describeTools(metaArguments(call), view.tools)],
      [
        metaToolNames.call,
        (call) => callTool(call, metaArguments(call), { tools: view.tools, check, next, onCall: use.called }),
      ],
    ]);
    const searched: Service = async (call) => {
      if (call.method === 'tools/list') {
        const definitions = wantsAll(call) ? undefined : await shown();
        if (definitions === undefined) return next(call);
        const _meta = await listMeta(call, next);
        onList?.(definitions, view.tools);
        return listed(definitions, _meta);
      }
      const name = call.method === 'tools/call' ? call.params.string('name') : undefined;
      if (name === undefined) return next(call);
      const own = view.tools.get(name);
      const answer = meta.get(name);
      // A tool of the view may have a name of ours: it is called by it only where it is listed under it.
      if (answer !== undefined && (own === undefined || (await choose(view.tools)) === 'search'))
        return speaking(answer, call);
      if (own !== undefined) use.called(call, own);
      return next(call);
    };
    return (call) => {
      if (call.method === 'subscriptions/listen') return next(quieter(call, shown));
      // What was asked through a meta-tool while there were some is answered through it.
      return options.mode === 'direct' && !call.params.has('requestState') ? next(call) : searched(call);
    };
  };
}

/** Cursors are given out with whole lists only. */
function wantsAll({ params }: Call): boolean {
  return params.has('cursor') || params.object('_meta')?.string(modeKey) === 'direct';
}

/** Turns what is wrong with the arguments into something that the model reads. */
async function speaking(answer: Service, call: Call): Promise<Reply> {
  try {
    return await answer(call);
  } catch (error) {
    if (!(error instanceof ArgumentProblem)) throw error;
    return toolFailure({ mistakes: [error.message] }, error.message);
  }
}

/** What search mode lists: the meta-tools, and what is pinned beside them. */
function shownDefinitions({ pinned }: SearchModeOptions['view']): readonly RawObject[] {
  const names: ReadonlySet<string> = new Set(Object.values(metaToolNames));
  return [...metaTools, ...pinned.flatMap(({ name, definition }) => (names.has(name) ? [] : [definition]))];
}

/** One page, for this caller: another mode or another pinned tool would change it. */
function listed(definitions: readonly RawObject[], _meta: RawObject): Reply {
  const tools = rawArray(definitions);
  return { result: RawObject.of({ resultType: 'complete', tools, ttlMs: 0, cacheScope: 'private', _meta }) };
}
