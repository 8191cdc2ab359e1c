import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../entries/fingerprint.ts';
import { createCursors } from './cursor.ts';

const revision = fingerprint([Buffer.from('{}')]);
const otherRevision = fingerprint([Buffer.from('{"a":1}')]);
const cursors = createCursors(Buffer.alloc(32, 1));

describe('a cursor', () => {
  it('gives back the position it was made from', () => {
    fc.assert(
      fc.property(fc.nat(65_535), fc.nat(4_294_967_295), (server, entry) => {
        const read = cursors.read('tools', cursors.write('tools', revision, { server, entry }));
        expect([read.server, read.entry]).toEqual([server, entry]);
      }),
    );
  });

  it('knows the revision of the list it was cut from', () => {
    const read = cursors.read('tools', cursors.write('tools', revision, { server: 1, entry: 2 }));
    expect(read.sameRevision(revision)).toBe(true);
    expect(read.sameRevision(otherRevision)).toBe(false);
  });

  it('is refused by another list', () => {
    const cursor = cursors.write('tools', revision, { server: 0, entry: 1 });
    expect(() => cursors.read('prompts', cursor)).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID' }));
  });

  it('is refused under another key', () => {
    const foreign = createCursors(Buffer.alloc(32, 2)).write('tools', revision, { server: 0, entry: 1 });
    expect(() => cursors.read('tools', foreign)).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID' }));
  });

  it('is refused when any character of it was altered', () => {
    const cursor = cursors.write('tools', revision, { server: 3, entry: 500 });
    const character = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
    fc.assert(
      fc.property(fc.nat(cursor.length - 1), character, (at, to) => {
        fc.pre(cursor[at] !== to);
        const forged = cursor.slice(0, at) + to + cursor.slice(at + 1);
        expect(() => cursors.read('tools', forged)).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID' }));
      }),
      { numRuns: 500 },
    );
  });

  it.each(['', 'x', '0', 'A'.repeat(42), 'A'.repeat(10_000), 'ü'.repeat(42)])(
    'is not made by callers: %j',
    (cursor) => {
      expect(() => cursors.read('tools', cursor)).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID' }));
    },
  );
});
