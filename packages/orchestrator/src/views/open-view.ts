import { RawJson, type Service, ToolyardError } from '@toolyard/protocol';
import { type Catalogue, createCatalogue } from '../catalogue/catalogue.ts';
import { type Changes, watchChanges } from '../catalogue/changes.ts';
import { createCursors } from '../catalogue/pages/cursor.ts';
import type { Roster } from '../catalogue/roster.ts';
import type { Feeds } from '../listening/feeds.ts';
import type { ListenPlaces } from '../routing/listen/listen-places.ts';
import { answerListen } from '../routing/listen/listen.ts';
import { createRouter } from '../routing/router.ts';
import { isCall } from '../checking/check-call.ts';
import { invalidParams } from '../checking/check-params.ts';
import { ackTimeoutMs, listenDelays, type Settings, settleMs } from '../settings.ts';
import type { TaskIds } from '../tasks/task-ids.ts';
import type { ToolShape } from './tool-shape.ts';
import type { View, ViewTool } from './view.ts';

/** What all views of one orchestrator have in common. */
export interface Shared {
  readonly settings: Settings;
  readonly taskIds: TaskIds;
  readonly feeds: Feeds;
  readonly places: ListenPlaces;
  /** Ends subscriptions in good order; calls that come later are rejected with its reason where that is an error of ours, else with `CLOSED`. */
  readonly closing: AbortSignal;
}

export interface OpenViewOptions extends Shared {
  /** Each offering what is shown of it. */
  readonly roster: Roster;
  /** Default: one of its own. */
  readonly catalogue?: Catalogue;
  /** What made them so, where something did; asked each time, since it may change. */
  readonly shape?: () => ToolShape;
  /** See `watchChanges`. */
  readonly toolsShownAs?: () => string;
  /** Cursors of another scope are not good here. */
  readonly scope: string;
}

/** A view, with what keeps it up to date. */
export interface OpenView {
  readonly view: View;
  readonly catalogue: Catalogue;
  readonly changes: Changes;
  /** The servers that it is made of: to be touched when one of them changed. */
  readonly roster: Roster;
}

/** Puts a catalogue of its own, and what answers from it, in front of servers that others share. */
export function openView(options: OpenViewOptions): OpenView {
  const {
    settings,
    roster,
    catalogue = createCatalogue(roster),
    shape,
    toolsShownAs,
    scope,
    closing,
    ...shared
  } = options;
  const changes = watchChanges(catalogue, settleMs, toolsShownAs);
  const common = { ...settings, ...shared, roster, catalogue, changes, delays: listenDelays };
  const router = createRouter({
    ...common,
    cursors: createCursors(settings.cursorKey, scope),
    serverInfo: RawJson.of(settings.serverInfo),
    listen: answerListen({ ...common, ackTimeoutMs, closing }),
    ...(shape !== undefined && { before: (tool: string) => shape().before(tool) }),
  });
  const service: Service = (call) => {
    if (closing.aborted) return Promise.reject(closedBy(closing));
    return isCall(call) ? router(call) : Promise.reject(noCall());
  };
  let tools: ListedTools | undefined;
  const view: View = {
    service,
    toolHeaders: (tool) => catalogue.current.lists.tools.routes.get(tool)?.entry.headerParams,
    get tools() {
      const { revision } = catalogue.current.lists.tools;
      const current = shape?.();
      // Two shapes may make the same list of different tools.
      if (tools?.revision !== revision || tools.shape !== current)
        tools = { revision, shape: current, byName: listedTools(catalogue, current) };
      return tools.byName;
    },
    events: { catalogue: changes },
  };
  return { view, catalogue, changes, roster };
}

interface ListedTools {
  readonly revision: string;
  readonly shape: ToolShape | undefined;
  readonly byName: ReadonlyMap<string, ViewTool>;
}

function listedTools({ current }: Catalogue, shape: ToolShape | undefined): ReadonlyMap<string, ViewTool> {
  const tools = current.lists.tools.parts.flatMap(({ upstream, entries }) =>
    entries.map(({ name, key, definition }): [string, ViewTool] => [
      name,
      { id: shape?.before(name) ?? name, name, server: upstream.id, ownName: key, definition },
    ]),
  );
  return new Map(tools);
}

function noCall(): ToolyardError {
  return invalidParams('This is no call: it is made by createCall of "@toolyard/protocol", or has all members of one.');
}

function closedBy({ reason }: AbortSignal): ToolyardError {
  if (ToolyardError.is(reason)) return reason;
  return new ToolyardError('CLOSED', { what: 'orchestrator' }, 'The orchestrator is closed.');
}
