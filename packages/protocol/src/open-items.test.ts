import { describe, expect, it } from 'vitest';
import { type OpenItem, OpenItems } from './open-items.ts';

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
