import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from '../ledger.ts';

/** Every warning that the gateway gives is of the kinds that are wanted here. */
export function readLog(ledger: Ledger): { line(line: string): void; cacheTrouble(): string | undefined } {
  let cache = 'nothing of the cache was told yet';
  return {
    line(line) {
      if (!line.startsWith('{')) return ledger.violation(`the gateway wrote: ${line.slice(0, 300)}`);
      const { msg = '', level = '' } = JSON.parse(line) as { readonly msg?: string; readonly level?: string };
      if (msg.startsWith('The cache in Redis')) {
        cache = msg;
        ledger.fault(/answers again/.test(msg) ? 'cache-up' : 'cache-down');
      }
      if (level === 'fatal') ledger.violation(`the gateway failed: ${line.slice(0, 500)}`);
    },
    cacheTrouble: () => (/answers again/.test(cache) ? undefined : cache),
  };
}

/** How late the gateway answers what costs it nothing. */
export function watchAnswers(endpoint: string): { recentMs(): number; stop(): Promise<void> } {
  const url = new URL('/health/live', endpoint);
  const recent: number[] = [];
  const stopped = new AbortController();
  let askedMs = performance.now();
  const watch = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      askedMs = performance.now();
      // It is not there any more once it has ended.
      await fetch(url, { signal: stopped.signal })
        .then((response) => response.text())
        .catch(() => undefined);
      recent.push(performance.now() - askedMs);
      if (recent.length > 50) recent.shift();
      askedMs = Infinity;
      await pause(100, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const watching = watch();
  return {
    recentMs: () => Math.max(performance.now() - askedMs, 0, ...recent),
    async stop() {
      stopped.abort();
      await watching;
    },
  };
}
