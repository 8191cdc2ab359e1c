import type { Connection } from '@toolyard/protocol';
import { aborted, pause } from './pause.ts';
import { retryDelay } from './retry-delay.ts';

export interface SuperviseOptions {
  initialMs: number; maxMs: number; maxRetries: number; random: () => number;
  onWait: (delayMs: number | undefined) => void;
}
export function supervise(open: (signal: AbortSignal) => Promise<Connection>, o: SuperviseOptions): { close(): Promise<void> } {
  const stop = new AbortController();
  let current: Connection | undefined;
  const run = async (): Promise<void> => {
    let failures = 0;
    while (!stop.signal.aborted) {
      try {
        current = await open(stop.signal);
        failures = 0;
        await Promise.race([current.closed, aborted(stop.signal)]);
      } catch { /* told by open */ }
      if (stop.signal.aborted) break;
      if (failures >= o.maxRetries) { o.onWait(undefined); break; }
      const delay = retryDelay(failures++, o, o.random);
      o.onWait(delay);
      await pause(delay, stop.signal).catch(() => undefined);
    }
  };
  const running = run();
  return { close: async () => { stop.abort(new Error('closed')); await current?.close(); await running; } };
}
