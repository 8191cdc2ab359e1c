import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../call.ts';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import { testCall } from '../../testing/call.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { encodeUtf8 } from '../../wire/text.ts';
import { createParking, type ParkedCall } from './parking.ts';

interface TestParked extends ParkedCall {
  readonly abandoned: number;
}

function parked(): TestParked {
  let abandoned = 0;
  return {
    resume: () => Promise.reject(new Error('not resumed here')),
    abandon: () => void abandoned++,
    get abandoned() {
      return abandoned;
    },
  };
}

const call = (overrides: Parameters<typeof testCall>[1] = {}, method = 'tools/call'): Call =>
  testCall(method, { params: { name: 'a' }, principal: 'ada', tenant: 'acme', ...overrides });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a parking', () => {
  it('gives a call back once, under a state that nobody can guess', () => {
    const parking = createParking();
    const [one, two] = [parked(), parked()];
    const states = [parking.park(call(), 'old', one), parking.park(call(), 'old', two)].map(String);
    expect(states[0]).toMatch(/^[A-Za-z0-9_-]{100,200}$/);
    expect(states[0]).not.toBe(states[1]);
    expect(parking.take(call(), 'old', String(states[1]))).toBe(two);
    expect(parking.take(call(), 'old', String(states[0]))).toBe(one);
    expect(() => parking.take(call(), 'old', String(states[0]))).toThrow(
      expect.objectContaining({ code: 'STATE_INVALID' }),
    );
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['another principal', call({ principal: 'eve' })],
    ['another tenant', call({ tenant: 'other' })],
    ['another tool', call({ params: { name: 'b' } })],
    ['other arguments', call({ params: { name: 'a', arguments: { a: 1 } } })],
    ['another method', call({}, 'prompts/get')],
  ])('gives it to nobody else: %s; and the rightful caller still gets it', (_, foreign) => {
    const parking = createParking();
    const waiting = parked();
    const state = String(parking.park(call(), 'old', waiting));
    expect(() => parking.take(foreign, 'old', state)).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
    expect(parking.take(call(), 'old', state)).toBe(waiting);
  });

  it('gives it to no call of another server', () => {
    const parking = createParking();
    const state = String(parking.park(call(), 'old', parked()));
    expect(() => parking.take(call(), 'other', state)).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
  });

  it('knows the params again however they are spelled, with what a retry adds and its hop changes', () => {
    const parking = createParking();
    const waiting = parked();
    const first = RawObject.read(
      encodeUtf8('{"name":"a","arguments":{"x":[1.0,{"b":null,"a":"\\u0061"}],"y":1e2},"_meta":{"progressToken":1}}'),
    );
    const again = RawObject.read(
      encodeUtf8(
        '{"arguments":{"y":100,"x":[1,{"a":"a","b":null}]},"inputResponses":{},"requestState":"s","name":"a"}',
      ),
    );
    const state = String(parking.park(call({ params: first }), 'old', waiting));
    expect(parking.take(call({ params: again }), 'old', state)).toBe(waiting);
  });

  it('shares its key with other nodes, which can tell where a call waits and cannot take it', () => {
    const key = new Uint8Array(32).fill(7);
    const [here, there] = [createParking({ key, node: 'here' }), createParking({ key, node: 'there' })];
    const state = String(here.park(call(), 'old', parked()));
    expect(there.locate(call(), 'old', state)).toBe('here');
    const reasonOf = (who: Parameters<typeof call>[0]): unknown => {
      try {
        return there.take(call(who), 'old', state);
      } catch (error) {
        return ToolyardError.is(error, 'STATE_INVALID') ? error.facts.reason : error;
      }
    };
    expect(reasonOf({})).toBe(
      'that of a call that waits at another node, or was lost when its node restarted: call again without it',
    );
    expect(reasonOf({ principal: 'eve' })).toBe('unknown, used, expired, or made for another request');
    expect(there.locate(call({ principal: 'eve' }), 'old', state)).toBeUndefined();
    vi.advanceTimersByTime(300_000);
    expect(there.locate(call(), 'old', state)).toBeUndefined();
    expect(createParking({ node: 'other' }).locate(call(), 'old', state)).toBeUndefined();
  });

  it('takes no key and no name of the wrong length', () => {
    expect(() => createParking({ key: new Uint8Array(16) })).toThrow(RangeError);
    expect(() => createParking({ node: 'n'.repeat(129) })).toThrow(RangeError);
  });

  it('knows a resource by its URI', () => {
    const parking = createParking();
    const state = String(parking.park(call({ params: { uri: 'a:1' } }, 'resources/read'), 'old', parked()));
    expect(() => parking.take(call({ params: { uri: 'a:2' } }, 'resources/read'), 'old', state)).toThrow(
      expect.objectContaining({ code: 'STATE_INVALID' }),
    );
  });

  it('abandons a call that nobody came back for, and holds no timer after', () => {
    const parking = createParking();
    const [early, late] = [parked(), parked()];
    const state = String(parking.park(call(), 'old', early));
    vi.advanceTimersByTime(100_000);
    parking.park(call(), 'old', late);
    vi.advanceTimersByTime(199_999);
    expect([early.abandoned, late.abandoned]).toEqual([0, 0]);
    vi.advanceTimersByTime(1);
    expect([early.abandoned, late.abandoned]).toEqual([1, 0]);
    expect(() => parking.take(call(), 'old', state)).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
    vi.advanceTimersByTime(100_000);
    expect([early.abandoned, late.abandoned]).toEqual([1, 1]);
    expect(parking.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets nobody in when it is full, until someone leaves', () => {
    const parking = createParking({ maxParked: 2 });
    const leaving = parked();
    parking.park(call(), 'old', leaving);
    parking.park(call(), 'old', parked());
    expect(parking.park(call(), 'old', parked())).toBeUndefined();
    expect(parking.size).toBe(2);
    parking.forget(leaving);
    expect(parking.park(call(), 'old', parked())).toBeDefined();
  });

  it('keeps room for others, however many calls one principal leaves there', () => {
    const parking = createParking({ maxParkedPerPrincipal: 2 });
    const states = [1, 2].map(() => String(parking.park(call(), 'old', parked())));
    expect(parking.park(call(), 'old', parked())).toBeUndefined();
    expect(parking.park(call({ principal: 'bob' }), 'old', parked())).toBeDefined();
    expect(parking.park(call({ tenant: 'other' }), 'old', parked())).toBeDefined();
    parking.take(call(), 'old', String(states[0]));
    expect(parking.park(call(), 'old', parked())).toBeDefined();
    vi.advanceTimersByTime(300_000);
    expect(parking.size).toBe(0);
    expect(parking.park(call(), 'old', parked())).toBeDefined();
  });

  it('goes by the clock that it was given', () => {
    let nowMs = 0;
    const parking = createParking({ ttlMs: 10, nowMs: () => nowMs });
    const waiting = parked();
    const state = String(parking.park(call(), 'old', waiting));
    nowMs = 10;
    expect(() => parking.take(call(), 'old', state)).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
    expect(waiting.abandoned).toBe(1);
  });

  it('does not notice that somebody sets the date', () => {
    let dateMs = 1_000_000;
    const parking = createParking({ dateMs: () => dateMs });
    const [first, second] = [parked(), parked()];
    const [early, late] = [first, second].map((one) => String(parking.park(call(), 'old', one)));
    dateMs += 3_600_000;
    expect(parking.locate(call(), 'old', String(early))).toBe(parking.node);
    expect(parking.take(call(), 'old', String(early))).toBe(first);
    dateMs -= 7_200_000;
    expect(parking.take(call(), 'old', String(late))).toBe(second);
  });
});
