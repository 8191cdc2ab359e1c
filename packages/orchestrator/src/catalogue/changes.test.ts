import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createCatalogue } from './catalogue.ts';
import { watchChanges } from './changes.ts';
import { listOf, offering } from './testing/offering.ts';
import type { Upstream } from './upstream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

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
  const a = offering('a', listOf(['x']));
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
  const a = offering('a', listOf(['x']));
  const b = offering('b', listOf(['x', 'y']));
  a.up = false;
  a.offer = undefined;
  const { changes, heard } = watched(a, b);
  a.up = true;
  a.offer = offering('a', listOf(['x'])).offer;
  changes.touch();
  changes.flush();
  a.up = false;
  changes.touch();
  changes.flush();
  expect(heard).toEqual([['tools'], ['tools']]);
});

it('tells nobody who stopped listening, and nothing once closed', () => {
  const a = offering('a', listOf(['x']));
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
