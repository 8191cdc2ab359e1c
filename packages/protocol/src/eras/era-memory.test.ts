import { describe, expect, it } from 'vitest';
import { EraMemory } from './era-memory.ts';

describe('what is remembered of a server', () => {
  it('holds until the horizon', () => {
    let now = 0;
    const memory = new EraMemory({ horizonMs: 100, now: () => now });
    memory.remember('a', 'legacy');
    now = 99;
    expect(memory.recall('a')).toBe('legacy');
    now = 100;
    expect(memory.recall('a')).toBeUndefined();
    expect(memory.size).toBe(0);
  });

  it('can be forgotten', () => {
    const memory = new EraMemory();
    memory.remember('a', 'modern');
    memory.forget('a');
    expect(memory.recall('a')).toBeUndefined();
  });

  it('is bounded: whoever was asked for longest ago goes first', () => {
    const memory = new EraMemory({ maxEntries: 2 });
    memory.remember('a', 'modern');
    memory.remember('b', 'modern');
    memory.recall('a');
    memory.remember('c', 'modern');
    expect(['a', 'b', 'c'].map((endpoint) => memory.recall(endpoint))).toEqual(['modern', undefined, 'modern']);
    expect(memory.size).toBe(2);
  });
});
