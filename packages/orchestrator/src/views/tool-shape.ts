import { RawJson } from '@toolyard/protocol';
import type { ProfileDefinition, ToolWording } from '@toolyard/registry';
import type { Entry, FetchedList } from '../catalogue/entries/entry.ts';
import { fingerprint } from '../catalogue/entries/fingerprint.ts';
import { readNamePattern } from './name-pattern.ts';

/** What a profile makes of tools. Names before it are those of the whole catalogue. */
export interface ToolShape {
  /** What of a server's list is shown, and how. The list itself where that is all of it, as it is. */
  apply(list: FetchedList): FetchedList;
  /** What the tool of this name is called without the profile; `undefined` where the profile shows no tool under it, whatever servers offer. */
  before(name: string): string | undefined;
  /** The name under which a tool is shown; `undefined` where it is not. */
  after(name: string): string | undefined;
}

export function readToolShape({ tools = {}, rename = {}, describe = {} }: ProfileDefinition): ToolShape {
  const include = tools.include?.map(readNamePattern);
  const exclude = tools.exclude?.map(readNamePattern) ?? [];
  const renamed = new Map(Object.entries(rename));
  const given = new Map([...renamed].map(([before, after]) => [after, before]));
  const wordings = new Map(Object.entries(describe));
  const shows = (name: string): boolean =>
    (include === undefined || include.some((matches) => matches(name))) && !exclude.some((matches) => matches(name));
  const after = (name: string): string | undefined => {
    if (!shows(name)) return undefined;
    // A new name is taken whether or not the tool that it was given to is there at the moment: no name changes because a server came or went.
    return renamed.get(name) ?? (given.has(name) ? undefined : name);
  };
  return {
    after,
    before(name) {
      const before = given.get(name) ?? name;
      return after(before) === name ? before : undefined;
    },
    apply(list) {
      const entries = list.entries.flatMap((entry) => {
        const name = after(entry.name);
        return name === undefined ? [] : [shaped(entry, name, wordings.get(entry.name))];
      });
      if (entries.length === list.entries.length && entries.every((entry, at) => entry === list.entries[at]))
        return list;
      return { ...list, entries, fingerprint: fingerprint(entries.map(({ definition }) => definition.bytes)) };
    },
  };
}

/** Only what the profile replaces is spliced in: everything else of the definition stays as its server wrote it. */
function shaped(entry: Entry, name: string, { title, description }: ToolWording = {}): Entry {
  const { definition } = entry;
  const changes = Object.entries({ name, title, description }).flatMap(([key, value]): readonly [string, RawJson][] =>
    value === undefined || value === definition.string(key) ? [] : [[key, RawJson.of(value)]],
  );
  if (changes.length === 0) return entry;
  return { ...entry, name, definition: definition.patch(Object.fromEntries(changes)) };
}
