import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTaskIds } from './task-ids.ts';

const me = { principal: 'me', tenant: 'default' };
const ids = createTaskIds(Buffer.alloc(32, 1));
const place = { upstream: 'files', taskId: '786512e2-9e0d-44bd-8f29-789f320fe840' };
const unicode = fc.string({ unit: 'grapheme', maxLength: 100 });

describe('the id of a task', () => {
  it('is the same each time, fits into a header, and tells nothing of its server', () => {
    const id = ids.write(me, place);
    expect(id).toMatch(/^[A-Za-z0-9_-]{96}$/);
    expect(ids.write(me, place)).toBe(id);
    expect(Buffer.from(id, 'base64url').includes('files')).toBe(false);
  });

  it('stays what it is from one release to the next, as clients keep it', () => {
    expect(ids.write(me, { upstream: 'a', taskId: 'b' })).toBe('AQGFvGaKMwyCm1A4Mmv8EO0DAMYxBlVHYKf59flMlwiJ');
  });

  it('gives back whose task it is', () => {
    fc.assert(
      fc.property(unicode, unicode, unicode, unicode, (upstream, taskId, principal, tenant) => {
        const owner = { principal, tenant };
        expect(ids.read(owner, ids.write(owner, { upstream, taskId }))).toEqual({ upstream, taskId });
      }),
    );
  });

  it('differs for different tasks, servers, principals and tenants, however their names run together', () => {
    const all = [
      ids.write(me, { upstream: 'a', taskId: 'bc' }),
      ids.write(me, { upstream: 'ab', taskId: 'c' }),
      ids.write({ principal: 'm', tenant: 'edefault' }, { upstream: 'a', taskId: 'bc' }),
      ids.write({ principal: 'default', tenant: 'me' }, { upstream: 'a', taskId: 'bc' }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it.each([
    ['another principal', { principal: 'you', tenant: 'default' }],
    ['another tenant', { principal: 'me', tenant: 'other' }],
  ])('is of no use to %s', (_, other) => {
    expect(ids.read(other, ids.write(me, place))).toBeUndefined();
  });

  it('is of no use under another key', () => {
    expect(createTaskIds(Buffer.alloc(32, 2)).read(me, ids.write(me, place))).toBeUndefined();
  });

  it('is refused when any character of it was altered, added or taken away', () => {
    const id = ids.write(me, place);
    const character = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ ');
    fc.assert(
      fc.property(fc.nat(id.length), character, fc.constantFrom(0, 1), (at, put, removed) => {
        const forged = id.slice(0, at) + put + id.slice(at + removed);
        fc.pre(forged !== id);
        expect(ids.read(me, forged)).toBeUndefined();
        expect(ids.read(me, id.slice(0, at))).toEqual(at === id.length ? place : undefined);
      }),
      { numRuns: 2000 },
    );
  });

  it('is not made by callers', () => {
    const made = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([Buffer.of(1), bytes]).toString('base64url')),
    );
    fc.assert(
      fc.property(made, (id) => {
        expect(ids.read(me, id)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['', 'A'.repeat(1_000_000), 'ü', '\0'])('is refused without much ado: %#', (id) => {
    expect(ids.read(me, id)).toBeUndefined();
  });

  it.each(['x'.repeat(1025), 'ü'.repeat(513), '\ud800'])('cannot carry every id: %#', (taskId) => {
    expect(() => ids.write(me, { upstream: 'files', taskId })).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_MALFORMED' }),
    );
  });

  it('can be read back at its longest', () => {
    const long = { upstream: 'u'.repeat(510), taskId: 'x'.repeat(1024) };
    expect(ids.read(me, ids.write(me, long))).toEqual(long);
  });
});
