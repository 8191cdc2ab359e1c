import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposedName, namePrefix } from './names.ts';

/** Parts that provoke collisions: short, with separators, hash-like ends, and characters that get replaced. */
const part = fc.oneof(
  fc.stringMatching(/^[ab_]{1,6}$/),
  fc.stringMatching(/^[a_ .:]{1,6}$/),
  fc.stringMatching(/^[a-f0-9_-]{1,90}$/),
  fc.string({ unit: 'binary', maxLength: 80 }),
);

describe('exposedName', () => {
  it('joins server and tool with two underscores', () => {
    expect(exposedName('files', 'read_file')).toBe('files__read_file');
  });

  it('cuts long names and marks them', () => {
    const name = exposedName('files', 'a'.repeat(80));
    expect(name).toBe('files__aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_ac84f4729ffb');
    expect(name).toHaveLength(64);
  });

  it('keeps enough of a long id and a long tool to tell both', () => {
    expect(exposedName('i'.repeat(80), 't'.repeat(80))).toMatch(/^i{24}__t{25}_[0-9a-f]{12}$/);
    expect(exposedName('i'.repeat(80), 'read')).toMatch(/^i{45}__read_[0-9a-f]{12}$/);
  });

  it('replaces what models do not accept and marks the name', () => {
    expect(exposedName('files', 'read.file')).toMatch(/^files__read_file_[0-9a-f]{12}$/);
    expect(exposedName('files', 'a b')).not.toBe(exposedName('files', 'ab'));
    expect(exposedName('files', 'a b')).not.toBe(exposedName('files', 'a.b'));
  });

  it('tells a separator in the id from one in the tool', () => {
    expect(exposedName('a__b', 'c')).not.toBe(exposedName('a', 'b__c'));
    expect(exposedName('a_', 'b')).not.toBe(exposedName('a', '_b'));
  });

  it('does not let a tool pose as the marked name of another', () => {
    const marked = exposedName('a', 'x y');
    expect(exposedName('a', marked.slice('a__'.length))).not.toBe(marked);
  });

  it('has at most 64 characters that every model accepts, for any server and tool', () => {
    fc.assert(
      fc.property(part, part, (id, tool) => {
        expect(exposedName(id, tool)).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('differs for distinct pairs of server and tool', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(part, part), { minLength: 2, maxLength: 40 }), (pairs) => {
        const distinct = new Map(pairs.map((pair) => [JSON.stringify(pair), pair]));
        const names = new Set([...distinct.values()].map(([id, tool]) => exposedName(id, tool)));
        expect(names.size).toBe(distinct.size);
      }),
      { numRuns: 2000 },
    );
  });

  it('begins with the prefix of its server where the id is short and clean', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), part, (id, tool) => {
        expect(exposedName(id, tool).startsWith(namePrefix(id))).toBe(true);
      }),
    );
  });
});
