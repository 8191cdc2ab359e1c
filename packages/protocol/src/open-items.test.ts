import { describe, expect, it } from 'vitest';
import { OpenEntries, type OpenItem, OpenItems } from './open-items.ts';

const item = (): OpenItem => ({ place: -1 });

describe('open items', () => {
  it('holds what was added and not deleted, whatever the order', () => {
    const [a, b, c, d] = [item(), item(), item(), item()];
    const open = new OpenItems();
    for (const each of [a, b, c]) open.add(each);
    expect(open.delete(a)).toBe(true);
    open.add(d);
    expect(open.delete(d)).toBe(true);
    expect(open.size).toBe(2);
    expect(new Set(open.list())).toEqual(new Set([b, c]));
    expect(open.delete(c)).toBe(true);
    expect(open.delete(b)).toBe(true);
    expect(open.size).toBe(0);
  });

  it('says of what is not there that it is not', () => {
    const open = new OpenItems();
    const one = item();
    expect(open.delete(one)).toBe(false);
    open.add(one);
    open.delete(one);
    expect(open.delete(one)).toBe(false);
    open.add(one);
    expect(open.list()).toEqual([one]);
  });

  it('gives a list that stays as it is while items go', () => {
    const open = new OpenItems();
    const all = [item(), item(), item()];
    for (const each of all) open.add(each);
    const seen = open.list().map((each) => open.delete(each));
    expect(seen).toEqual([true, true, true]);
  });
});

describe('open entries', () => {
  it('holds what was set last and not deleted, in the order in which it came', () => {
    const open = new OpenEntries<number, string>();
    for (const [key, value] of [
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ] as const)
      open.set(key, value);
    expect(open.delete(2)).toBe(true);
    expect(open.delete(2)).toBe(false);
    open.set(4, 'd');
    open.set(4, 'e');
    expect([open.size, open.get(1), open.get(2), open.get(4)]).toEqual([3, 'a', undefined, 'e']);
    expect([...open.entries()]).toEqual([
      [1, 'a'],
      [3, 'c'],
      [4, 'e'],
    ]);
  });

  it('leaves out what goes while it is gone through', () => {
    const open = new OpenEntries<number, string>();
    for (const key of [1, 2, 3]) open.set(key, `${key}`);
    const seen: string[] = [];
    for (const value of open.values()) {
      seen.push(value);
      open.delete(2);
    }
    expect(seen).toEqual(['1', '3']);
  });
});
