import type { Call } from '@toolyard/protocol';
import { LRUCache } from 'lru-cache';
import type { ViewTool } from '../views/view.ts';
import type { ToolFinder } from './tool-finder.ts';

const maxCallers = 10_000;
/** Calls further apart than this are taken for different purposes. */
const togetherMs = 120_000;

/** Tells the finder which tools one caller calls soon after one another. */
export function createUse(finder: ToolFinder): { readonly called: (call: Call, tool: ViewTool) => void } {
  const last = new LRUCache<string, string>({ max: maxCallers, ttl: togetherMs });
  return {
    called({ caller: { tenant, principal }, params }, { id }) {
      // A retry with what the tool asked for is the same call.
      if (finder.used === undefined || params.has('requestState') || params.has('inputResponses')) return;
      const key = JSON.stringify([tenant, principal]);
      const before = last.get(key);
      last.set(key, id);
      if (before !== undefined && before !== id) finder.used([before, id]);
    },
  };
}
