/** How late timers of this process are: nobody can be more punctual than its event loop. */
export interface LagWatch extends Disposable {
  /** The longest pause of the last seconds. */
  recentMs(): number;
}

const everyMs = 50;
const window = 100;

export function watchLag(): LagWatch {
  const gaps: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    gaps.push(Math.max(now - last - everyMs, 0));
    if (gaps.length > window) gaps.shift();
    last = now;
  }, everyMs);
  return {
    recentMs: () => Math.max(performance.now() - last - everyMs, ...gaps),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
