import type { SlotSet } from '@toolyard/protocol';
import type { Slots } from '../store/slots.ts';
import type { SearchFilter } from '../tool-index.ts';

/** The slots that a filter lets through; `undefined` when it lets all through. */
export function allowedSlots(slots: Slots, filter: SearchFilter | undefined): SlotSet | undefined {
  if (filter === undefined) return undefined;
  const { allows } = filter;
  const servers = filter.servers && new Set(filter.servers);
  const categories = filter.categories && new Set(filter.categories);
  const tags = filter.tags && new Set(filter.tags);
  if (!servers && !categories && !tags && !allows) return undefined;
  const allowed = new Uint8Array(slots.bound);
  for (const slot of slots.taken()) {
    if (servers && !servers.has(slots.server(slot))) continue;
    const entry = slots.entry(slot);
    if (entry === undefined) continue;
    if (categories && (entry.category === undefined || !categories.has(entry.category))) continue;
    if (tags && !entry.tags.some((tag) => tags.has(tag))) continue;
    if (allows && !allows(entry)) continue;
    allowed[slot] = 1;
  }
  return allowed;
}
