import { expect, it, vi } from 'vitest';
import { Room } from './room.ts';

it('is waited for by all at once, and anew by those who come after', async () => {
  const room = new Room();
  const first = [room.wait(), room.wait()];
  expect(room.awaited).toBe(true);
  room.open();
  expect(await Promise.all(first)).toEqual([undefined, undefined]);
  expect(room.awaited).toBe(false);
  const later = room.wait();
  room.refuse(() => new Error('closed'));
  await expect(later).rejects.toThrow('closed');
});

it('is refused to nobody, and for no reason, where nobody waits', () => {
  const why = vi.fn<() => Error>();
  new Room().refuse(why);
  expect(why).not.toHaveBeenCalled();
});

it('ends without notice for who does not wait for the promise', async () => {
  const unhandled = vi.fn<() => void>();
  process.on('unhandledRejection', unhandled);
  const room = new Room();
  void room.wait();
  room.refuse(() => new Error('closed'));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
