import { unwatchFile, watchFile as pollFile, type Stats } from 'node:fs';

/** How often it is looked at: links, network drives and files that are replaced tell nobody when they change. */
const defaultPollMs = 500;

/** Calls `onChange` when a file is another than it was the last time it was looked at and is there. Returns what ends it. */
export function watchFile(file: string, onChange: () => void, pollMs: number = defaultPollMs): () => void {
  const look = (now: Stats, before: Stats): void => {
    const same = now.mtimeMs === before.mtimeMs && now.size === before.size && now.ino === before.ino;
    if (!same && now.mtimeMs !== 0) onChange();
  };
  pollFile(file, { interval: pollMs, persistent: false }, look);
  return () => unwatchFile(file, look);
}
