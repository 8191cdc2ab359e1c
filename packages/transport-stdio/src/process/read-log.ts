import type { Readable } from 'node:stream';
import type { ConnectOptions } from '@toolyard/protocol';
import { LogLines } from './log-lines.ts';

export interface ReadLogOptions {
  /** What it is called in what is said of it: `stderr`. */
  readonly name: string;
  readonly onLine?: ConnectOptions['onLog'] | undefined;
}

/** What a process prints, while it is read. */
export interface ReadLog {
  /** The last 10 lines, oldest first, each cut to 1,000 characters. */
  tail(): readonly string[];
  /** Who wrote it is gone: what it left is read at once. */
  finish(): void;
  /** Resolves when nothing more comes. */
  readonly ended: Promise<void>;
}

/** What comes at once is taken as fast as it comes; beyond that whoever writes waits, so that a flood costs neither this process nor its neighbours. */
const burstBytes = 8 * 1024 * 1024;
const bytesPerSecond = 1024 * 1024;
/** What a line counts beside its own bytes: many short ones cost more than few long ones. */
const bytesPerLine = 64;
/** Less is not worth being woken for. */
const leastBytes = 64 * 1024;

/** Reads what a process prints, line by line and within bounds: see the README for those on lines. */
export function readLog(stream: Readable, { name, onLine }: ReadLogOptions): ReadLog {
  const lines = new LogLines({ onLine });
  const ended = Promise.withResolvers<void>();
  let room = burstBytes;
  let seenAtMs = performance.now();
  let isTold = false;
  let timer: NodeJS.Timeout | undefined;
  const refill = (): void => {
    const now = performance.now();
    room = Math.min(burstBytes, room + ((now - seenAtMs) / 1_000) * bytesPerSecond);
    seenAtMs = now;
    if (room === burstBytes) isTold = false;
  };
  const hold = (): void => {
    stream.pause();
    timer = setTimeout(() => stream.resume(), ((leastBytes - room) / bytesPerSecond) * 1_000);
    timer.unref();
    if (isTold) return;
    isTold = true;
    const message = `${name} is read at 1 MiB a second from here on, since more than 8 MiB came at once; whoever writes faster waits`;
    onLine?.(message, 'warn');
  };
  stream.on('data', (chunk: Uint8Array) => {
    refill();
    room -= chunk.length + lines.push(chunk) * bytesPerLine;
    if (room <= 0) hold();
  });
  stream.on('error', () => undefined);
  stream.once('close', () => {
    clearTimeout(timer);
    lines.end();
    ended.resolve();
  });
  return {
    tail: () => lines.tail(),
    finish() {
      clearTimeout(timer);
      room = Math.max(room, bytesPerSecond);
      stream.resume();
    },
    ended: ended.promise,
  };
}
