import { open } from 'node:fs/promises';

export interface JournalReader extends AsyncDisposable {
  /** Takes what was written since. */
  read(): Promise<void>;
}

const everyMs = 200;

/** Reads the lines that are appended to a file, as they come. */
export async function readJournal(file: string, onLine: (line: string) => void): Promise<JournalReader> {
  const handle = await open(file, 'a+');
  const chunk = Buffer.alloc(65_536);
  let at = 0;
  let pending = '';
  let turn: Promise<void> = Promise.resolve();
  const readOn = async (): Promise<void> => {
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      const lines = (pending + chunk.toString('latin1', 0, bytesRead)).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    }
  };
  const read = (): Promise<void> => (turn = turn.then(readOn));
  const timer = setInterval(() => void read(), everyMs);
  return {
    read,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await read();
      await handle.close();
    },
  };
}
