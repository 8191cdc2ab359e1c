import { RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import type { Parcel } from './outbox.ts';
import { Outbox } from './outbox.ts';

const parcel = (key: string, text: string, more: Partial<Parcel> = {}): Parcel => ({
  key,
  notification: { method: 'x', params: RawObject.of({ text }) },
  ...more,
});

/** A subscriber who takes the next one when told to. */
function slow(limitBytes: number): {
  readonly outbox: Outbox;
  readonly told: string[];
  readonly overflows: () => number;
  take(): Promise<void>;
} {
  const told: string[] = [];
  let overflows = 0;
  let gate = Promise.withResolvers<void>();
  const outbox = new Outbox({
    limitBytes,
    async send({ params }) {
      told.push(params.string('text') ?? '');
      await gate.promise;
    },
    onOverflow: () => void overflows++,
  });
  const take = async (): Promise<void> => {
    gate.resolve();
    gate = Promise.withResolvers();
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return { outbox, told, overflows: () => overflows, take };
}

describe('an outbox', () => {
  it('keeps what comes until it is opened', () => {
    const { outbox, told } = slow(1000);
    outbox.put(parcel('a', '1'));
    expect(told).toEqual([]);
    outbox.open();
    expect(told).toEqual(['1']);
  });

  it('tells in order, and the last of each key only', async () => {
    const { outbox, told, take } = slow(10_000);
    outbox.open();
    for (const text of ['first', 'a1', 'b1', 'a2', 'b2', 'c1']) outbox.put(parcel(text[0] ?? '', text));
    expect(told).toEqual(['first']);
    for (let i = 0; i < 4; i++) await take();
    expect(told).toEqual(['first', 'a2', 'b2', 'c1']);
  });

  it('says less when too much waits, rather than nothing', async () => {
    const { outbox, told, overflows, take } = slow(1000);
    outbox.open();
    outbox.put(parcel('busy', 'busy'));
    const whole = parcel('whole', 'whole', { own: true });
    for (let i = 0; i < 1000; i++) outbox.put(parcel(`part ${i}`, `part ${i}`, { coarser: whole }));
    for (let i = 0; i < 20; i++) await take();
    expect(overflows()).toBe(0);
    expect(told[1]).toBe('whole');
    expect(told.length).toBeLessThan(12);
  });

  it('gives up on a subscriber for whom too much waits that cannot be said in fewer words, once', async () => {
    const { outbox, told, overflows, take } = slow(1000);
    outbox.open();
    for (let i = 0; i < 100; i++) outbox.put(parcel(`${i}`, `${i}`));
    expect(overflows()).toBe(1);
    await take();
    expect(told).toEqual(['0']);
  });

  it('does not count what the subscriber bounded itself', () => {
    const { outbox, overflows } = slow(10);
    for (let i = 0; i < 1000; i++) outbox.put(parcel(`${i}`, `${i}`, { own: true }));
    expect(overflows()).toBe(0);
  });

  it('takes a single parcel however large', async () => {
    const { outbox, told, overflows, take } = slow(10);
    outbox.open();
    outbox.put(parcel('a', 'x'.repeat(1000)));
    outbox.put(parcel('b', 'y'.repeat(1000)));
    await take();
    expect([told.length, overflows()]).toEqual([2, 0]);
  });

  it('says when nothing waits', async () => {
    const { outbox, take } = slow(1000);
    await outbox.empty();
    outbox.put(parcel('a', '1'));
    outbox.open();
    outbox.put(parcel('b', '2'));
    let empty = false;
    const emptied = outbox.empty().then(() => (empty = true));
    await take();
    expect(empty).toBe(false);
    await take();
    await emptied;
    expect(empty).toBe(true);
  });

  it('drops what waits when it is closed', async () => {
    const { outbox, told, take } = slow(1000);
    outbox.open();
    outbox.put(parcel('a', '1'));
    outbox.put(parcel('b', '2'));
    outbox.close();
    outbox.close();
    outbox.put(parcel('c', '3'));
    await outbox.empty();
    await take();
    expect(told).toEqual(['1']);
  });
});
