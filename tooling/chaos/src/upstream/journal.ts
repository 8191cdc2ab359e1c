import { appendFileSync, existsSync } from 'node:fs';
import { createRandom } from '../random.ts';

/** What a server tells who runs it, a line each: on stderr, which is not the protocol's, or in the file `CHAOS_JOURNAL`. */
export interface Journal {
  fault(kind: string, key: string): void;
  /** A call that failed here was made again. */
  repeat(key: string): void;
  /** A call arrived that will not be answered. */
  held(key: string): void;
  /** Such a call was cancelled. */
  freed(key: string): void;
  /** Given to no other answer. */
  serial(): string;
  /** What the handshake does this time: well, not at all, nonsense, or it ends the process. */
  mood(): 'well' | 'mute' | 'nonsense' | 'die';
}

/** Says what it does, and is in a mood only while there is no file `CHAOS_CALM`. */
export function createJournal(): Journal {
  const calm = process.env['CHAOS_CALM'] ?? '';
  const random = createRandom(Number(process.env['CHAOS_SEED'] ?? 0) + process.pid);
  const file = process.env['CHAOS_JOURNAL'];
  const say = (line: string): void => {
    const whole = `chaos ${line} ${process.pid}\n`;
    if (file === undefined) process.stderr.write(whole);
    else appendFileSync(file, whole);
  };
  let serials = 0;
  return {
    serial: () => `${process.pid}-${++serials}`,
    fault: (kind, key) => say(`fault ${kind} ${key}`),
    repeat: (key) => say(`repeat - ${key}`),
    held: (key) => say(`held - ${key}`),
    freed: (key) => say(`freed - ${key}`),
    mood() {
      if (existsSync(calm) || !random.chance(0.07)) return 'well';
      const mood = random.pick(['mute', 'nonsense', 'die'] as const);
      say(`fault handshake-${mood} -`);
      return mood;
    },
  };
}
