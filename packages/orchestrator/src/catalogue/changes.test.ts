import { RawObject } from '@toolyard/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createCatalogue } from './catalogue.ts';
import { watchChanges } from './changes.ts';
import type { FetchedList } from './entry.ts';
import { fingerprint } from './fingerprint.ts';
import { perKind } from './kinds.ts';
import type { Upstream } from './upstream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function listOf(...names: readonly string[]): FetchedList {
  const entries = names.map((name) => ({
    key: name,
    keyJson: RawObject.of({}),
    name,
    definition: RawObject.of({ name }),
  }));
  const bytes = entries.map(({ definition }) => definition.bytes);
  return {
    entries,
    fingerprint: fingerprint(bytes),
    ttlMs: 0,
    cacheScope: 'private',
    fetchedAtMs: 0,
    leftOut: [],
    leftOutCount: 0,
  };
}

interface Fake extends Upstream {
  up: boolean;
  offer: Upstream['offer'];
}

function upstream(id: string, ...tools: readonly string[]): Fake {
  const discovery = {
    capabilities: RawObject.empty,
    instructions: undefined,
    ttlMs: 0,
    cacheScope: 'private',
  } as const;
  return {
    id,
    title: id,
    ordinal: 0,
    priority: 0,
    up: true,
    offer: { discovery, lists: { ...perKind(() => undefined), tools: listOf(...tools) }, failed: [] },
    service: () => Promise.reject(new Error('not asked')),
    tells: () => false,
    whenUp: () => Promise.resolve(),
    revalidate: () => undefined,
  };
}

function watched(...upstreams: readonly Upstream[]): {
  readonly changes: ReturnType<typeof watchChanges>;
  readonly heard: (readonly string[])[];
} {
  const changes = watchChanges(createCatalogue({ all: upstreams }), 50);
  const heard: (readonly string[])[] = [];
  changes.listen((kinds) => void heard.push(kinds));
  return { changes, heard };
}

it('tells of nothing when a server went and came back the same within the time of settling', () => {
  const a = upstream('a', 'x');
  const { changes, heard } = watched(a);
  a.up = false;
  changes.touch();
  vi.advanceTimersByTime(49);
  a.up = true;
  changes.touch();
  vi.advanceTimersByTime(1000);
  expect(heard).toEqual([]);
});

it('tells when a server has lost a name to another, though its own list is the same', () => {
  const a = upstream('a', 'x');
  const b = upstream('b', 'x', 'y');
  a.up = false;
  a.offer = undefined;
  const { changes, heard } = watched(a, b);
  a.up = true;
  a.offer = upstream('a', 'x').offer;
  changes.touch();
  changes.flush();
  a.up = false;
  changes.touch();
  changes.flush();
  expect(heard).toEqual([['tools'], ['tools']]);
});

it('tells nobody who stopped listening, and nothing once closed', () => {
  const a = upstream('a', 'x');
  const { changes, heard } = watched(a);
  const other: unknown[] = [];
  changes.listen((kinds) => void other.push(kinds))();
  a.up = false;
  changes.touch();
  changes.flush();
  a.up = true;
  changes.touch();
  changes.close();
  vi.advanceTimersByTime(1000);
  expect([heard.length, other.length, vi.getTimerCount()]).toEqual([1, 0, 0]);
});

it('tells the others when a listener throws', async () => {
  const a = upstream('a', 'x');
  const changes = watchChanges(createCatalogue({ all: [a] }), 50);
  const uncaught = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => undefined);
  const heard: unknown[] = [];
  changes.listen(() => {
    throw new Error('mine');
  });
  changes.listen((kinds) => void heard.push(kinds));
  a.up = false;
  changes.touch();
  changes.flush();
  expect(heard).toEqual([['tools']]);
  expect(uncaught).toHaveBeenCalledOnce();
  uncaught.mockRestore();
});
