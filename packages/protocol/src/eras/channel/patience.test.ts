import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Patience } from './patience.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('Patience', () => {
  it('without bounds holds no timer', () => {
    const patience = new Patience({}, vi.fn<(afterMs: number) => void>());
    patience.start();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('survives bounds that are longer than a timer can be', () => {
    const ranOut = vi.fn<(afterMs: number) => void>();
    const patience = new Patience({ silenceMs: 3_000_000_000 }, ranOut);
    patience.start();
    vi.advanceTimersByTime(2_999_999_999);
    expect(ranOut).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ranOut).toHaveBeenCalledExactlyOnceWith(3_000_000_000);
  });

  it('tells the bound, however late its timer rings', () => {
    const ranOut = vi.fn<(afterMs: number) => void>();
    const patience = new Patience({ silenceMs: 500 }, ranOut);
    const startedMs = performance.now();
    patience.start();
    vi.spyOn(performance, 'now').mockReturnValue(startedMs + 507);
    vi.advanceTimersByTime(500);
    expect(ranOut).toHaveBeenCalledExactlyOnceWith(500);
  });

  it('holds one timer however much is heard', () => {
    const ranOut = vi.fn<(afterMs: number) => void>();
    const patience = new Patience({ silenceMs: 10 }, ranOut);
    patience.start();
    for (let n = 0; n < 100; n++) {
      vi.advanceTimersByTime(9);
      patience.heard();
      expect(vi.getTimerCount()).toBe(1);
    }
    vi.advanceTimersByTime(10);
    expect(ranOut).toHaveBeenCalledExactlyOnceWith(910);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does nothing after its end', () => {
    const ranOut = vi.fn<(afterMs: number) => void>();
    const patience = new Patience({ silenceMs: 10 }, ranOut);
    patience.start();
    patience.suspend();
    patience.end();
    patience.resume(undefined);
    patience.end();
    vi.advanceTimersByTime(100);
    expect(ranOut).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
