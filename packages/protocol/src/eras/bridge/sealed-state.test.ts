import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateSeal } from './sealed-state.ts';

const binding = new TextEncoder().encode('ada calls a');
const claims = { node: 'n1', id: 'p1', expiresMs: 1_790_000_000_000 };

describe('a sealed state', () => {
  it('says nothing to anybody but who has the key, and says it again to them', () => {
    const seal = stateSeal();
    const state = seal.seal(claims, binding);
    expect(Buffer.from(state, 'base64url').toString('latin1')).not.toMatch(/n1|p1/);
    expect(seal.open(state, binding)).toEqual(claims);
    expect(stateSeal().open(state, binding)).toBeUndefined();
  });

  it('is another one each time, under nonces that never come twice', () => {
    const key = new Uint8Array(32).fill(1);
    const seals = [stateSeal(key), stateSeal(key), stateSeal(key)];
    const nonces = Array.from({ length: 3_000 }, (_, at) => {
      const state = seals[at % 3]?.seal(claims, binding) ?? '';
      return Buffer.from(state, 'base64url').subarray(1, 13).toString('hex');
    });
    expect(new Set(nonces).size).toBe(3_000);
  });

  it('opens for no other request', () => {
    const seal = stateSeal();
    const state = seal.seal(claims, binding);
    fc.assert(
      fc.property(fc.uint8Array(), (other) => {
        fc.pre(Buffer.compare(other, binding) !== 0);
        expect(seal.open(state, other)).toBeUndefined();
      }),
    );
  });

  it('opens in no altered form: a bit, a character, a length', () => {
    const seal = stateSeal();
    const state = seal.seal(claims, binding);
    const bytes = Buffer.from(state, 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const altered = Buffer.from(bytes);
        altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(seal.open(altered.toString('base64url'), binding)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.nat(state.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, text) => {
        for (const altered of [
          state.slice(0, at),
          state.slice(at + 1),
          state.slice(0, at) + text + state.slice(at + 1),
          state + text,
        ]) {
          if (altered !== state) expect(seal.open(altered, binding)).toBeUndefined();
        }
      }),
      { numRuns: 500 },
    );
  });

  it('opens in no other spelling of the same bytes', () => {
    const seal = stateSeal();
    // Two lengths of a name, so that one of the states ends in a character with spare bits.
    for (const node of ['a', 'ab', 'abc']) {
      const state = seal.seal({ ...claims, node }, binding);
      const last = state.slice(-1);
      for (const other of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
        if (other !== last) expect(seal.open(state.slice(0, -1) + other, binding)).toBeUndefined();
      }
      expect(seal.open(`${state}=`, binding)).toBeUndefined();
      expect(seal.open(`${state}\n`, binding)).toBeUndefined();
    }
  });

  it('is refused without a throw whatever comes in its place', () => {
    const seal = stateSeal();
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.base64String(), fc.string({ minLength: 2_000, maxLength: 3_000 })),
        (state) => {
          expect(seal.open(state, binding)).toBeUndefined();
        },
      ),
    );
  });
});
