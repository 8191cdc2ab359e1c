import { expect, it, vi } from 'vitest';
import type { LeftOut } from './catalogue/entries/entry.ts';
import { listOf, offering } from './catalogue/testing/offering.ts';
import { statusOf } from './server-status.ts';
import type { ServerStatus } from './status.ts';

const own = { kind: 'tools', entry: 'big', reason: 'It is too large.' } as const;
const collision = { kind: 'tools', entry: 'read', reason: 'Another has it.' } as const;

it('makes no catalogue for whoever does not ask what is left out, and one for whoever does', () => {
  const { offer } = offering('files', { ...listOf([]), leftOut: [own], leftOutCount: 5 });
  const server = { offer, status: () => ({ id: 'files' }) as ServerStatus };
  const snapshot = vi.fn<() => { collisions(): readonly LeftOut[] }>(() => ({ collisions: () => [collision] }));

  const status = statusOf(server, snapshot);
  expect(status.id).toBe('files');
  expect(snapshot).not.toHaveBeenCalled();
  expect(status.leftOut).toEqual([own, collision]);
  expect(status.leftOutCount).toBe(6);
  expect(snapshot).toHaveBeenCalledTimes(1);
});
