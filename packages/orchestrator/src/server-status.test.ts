import { RawObject } from '@toolyard/protocol';
import { expect, it, vi } from 'vitest';
import type { FetchedList, LeftOut } from './catalogue/entry.ts';
import { perKind } from './catalogue/kinds.ts';
import { statusOf } from './server-status.ts';
import type { ServerStatus } from './status.ts';

const own = { kind: 'tools', entry: 'big', reason: 'It is too large.' } as const;
const collision = { kind: 'tools', entry: 'read', reason: 'Another has it.' } as const;

it('makes no catalogue for whoever does not ask what is left out, and one for whoever does', () => {
  const tools: FetchedList = {
    entries: [],
    fingerprint: '',
    ttlMs: 0,
    cacheScope: 'private',
    fetchedAtMs: 0,
    leftOut: [own],
    leftOutCount: 5,
  };
  const discovery = {
    capabilities: RawObject.empty,
    instructions: undefined,
    ttlMs: 0,
    cacheScope: 'private',
  } as const;
  const offer = { discovery, lists: { ...perKind(() => undefined), tools }, failed: [] };
  const server = { offer, status: () => ({ id: 'files' }) as ServerStatus };
  const snapshot = vi.fn<() => { collisions(): readonly LeftOut[] }>(() => ({ collisions: () => [collision] }));

  const status = statusOf(server, snapshot);
  expect(status.id).toBe('files');
  expect(snapshot).not.toHaveBeenCalled();
  expect(status.leftOut).toEqual([own, collision]);
  expect(status.leftOutCount).toBe(6);
  expect(snapshot).toHaveBeenCalledTimes(1);
});
