import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../call.ts';
import { testCall } from '../../testing/call.ts';
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

const call = (overrides: Parameters<typeof testCall>[1] = {}, method = 'tools/call'): Call => testCall(method, { params: { name: 'a' }, principal: 'ada', tenant: 'acme', ...overrides });

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
    const states = [parking.park(call(), one), parking.park(call(), two)].map(String);
    expect(states[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(states[0]).not.toBe(states[1]);
    expect(parking.take(call(), String(states[1]))).toBe(two);
    expect(parking.take(call(), String(states[0]))).toBe(one);
    expect(() => parking.take(call(), String(states[0]))).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['another principal', call({ principal: 'eve' })],
    ['another tenant', call({ tenant: 'other' })],
    ['another tool', call({ params: { name: 'b' } })],
    ['another method', call({}, 'prompts/get')],
  ])('gives it to nobody else: %s; and the rightful caller still gets it', (_, foreign) => {
    const parking = createParking();
    const waiting = parked();
    const state = String(parking.park(call(), waiting));
    expect(() => parking.take(foreign, state)).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
    expect(parking.take(call(), state)).toBe(waiting);
  });

  it('knows a resource by its URI', () => {
    const parking = createParking();
    const state = String(parking.park(call({ params: { uri: 'a:1' } }, 'resources/read'), parked()));
    expect(() => parking.take(call({ params: { uri: 'a:2' } }, 'resources/read'), state)).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
  });

  it('abandons a call that nobody came back for, and holds no timer after', () => {
    const parking = createParking();
    const [early, late] = [parked(), parked()];
    const state = String(parking.park(call(), early));
    vi.advanceTimersByTime(100_000);
    parking.park(call(), late);
    vi.advanceTimersByTime(199_999);
    expect([early.abandoned, late.abandoned]).toEqual([0, 0]);
    vi.advanceTimersByTime(1);
    expect([early.abandoned, late.abandoned]).toEqual([1, 0]);
    expect(() => parking.take(call(), state)).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
    vi.advanceTimersByTime(100_000);
    expect([early.abandoned, late.abandoned]).toEqual([1, 1]);
    expect(parking.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets nobody in when it is full, until someone leaves', () => {
    const parking = createParking({ maxParked: 2 });
    const state = String(parking.park(call(), parked()));
    parking.park(call(), parked());
    expect(parking.park(call(), parked())).toBeUndefined();
    expect(parking.size).toBe(2);
    parking.forget(state);
    expect(parking.park(call(), parked())).toBeDefined();
  });

  it('goes by the clock that it was given', () => {
    let nowMs = 0;
    const parking = createParking({ ttlMs: 10, nowMs: () => nowMs });
    const waiting = parked();
    const state = String(parking.park(call(), waiting));
    nowMs = 10;
    expect(() => parking.take(call(), state)).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
    expect(waiting.abandoned).toBe(1);
  });
});
