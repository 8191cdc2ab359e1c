import type { Surroundings } from '../cli/surroundings.ts';
import { oneLine, printable } from '../cli/table.ts';
import type { Logger } from './logger.ts';
import { sampleLines } from './sample-lines.ts';

/** In a minute; from `debug` on all are written. */
const maxLines = 20;
const maxDetail = 2_000;

/** Tells of the warnings of Node, of listeners that fail among them, until the returned function is called. */
export function logWarnings(surroundings: Pick<Surroundings, 'onWarning'>, log: Logger): () => void {
  const sample = sampleLines(maxLines);
  const leaveOut = (leftOut: number): void =>
    log.warn({ leftOut }, `${leftOut} more warnings of Node in this minute, left out`);
  const stop = surroundings.onWarning((warning) => {
    if (!log.isLevelEnabled('debug') && !sample.may('', leaveOut)) return;
    // Not the whole of it: it may have members such as the emitter that it is about.
    const { name, message, stack = '' } = warning;
    const detail = 'detail' in warning && typeof warning.detail === 'string' ? warning.detail : stack;
    const facts = { warning: oneLine(name), detail: printable(detail.slice(0, maxDetail)) };
    log.warn(facts, oneLine(`${name}: ${message}`, 500));
  });
  return () => {
    stop();
    sample[Symbol.dispose]();
  };
}
