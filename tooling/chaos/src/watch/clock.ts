/** Lets `Date` run ahead or behind. Timers and `performance.now()` are not touched: what goes by them must not notice. */
export interface JumpingClock extends Disposable {
  jump(ms: number): void;
}

export function jumpingClock(): JumpingClock {
  const Real = globalThis.Date;
  let offsetMs = 0;
  const now = (): number => Real.now() + offsetMs;
  globalThis.Date = new Proxy(Real, {
    construct: (target, args: readonly unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new Real(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown)),
  });
  return {
    jump(ms) {
      offsetMs += ms;
    },
    [Symbol.dispose]() {
      globalThis.Date = Real;
    },
  };
}
