import { type Orchestrator, takesCalls } from '@toolyard/orchestrator';

import { oneLine } from '../cli/table.ts';
import { leftOutWords } from '../status/left-out-words.ts';
import { whenGone } from '../upstreams/when-gone.ts';
import { boundLines, type LineBound } from './bound-lines.ts';
import type { Logger } from './logger.ts';

/** What happens within it is told once: servers come up together, and lists change page by page. */
const settleMs = 1_000;
/** Of one server in a minute; what is more is told at `debug`. */
const maxLines = 5;

interface Known {
  words: string | undefined;
  readonly bound: LineBound;
}

/** Tells what servers list and are not offered, once for as long as it is the same. */
export function logLeftOut(orchestrator: Pick<Orchestrator, 'events' | 'servers'>, log: Logger): void {
  const { events } = orchestrator;
  const known = new Map<string, Known>();
  whenGone(orchestrator, (id) => known.delete(id));
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    timer = undefined;
    for (const status of orchestrator.servers()) {
      const { id, state } = status;
      if (!takesCalls(state)) continue;
      const words = leftOutWords(status);
      const before = known.get(id) ?? { words: undefined, bound: boundLines(maxLines) };
      if (words === before.words) continue;
      const level = before.bound.next().may ? (words === undefined ? 'info' : 'warn') : 'debug';
      log[level](
        { server: id },
        `${id}: ${words === undefined ? 'all its entries are offered now' : oneLine(words, 500)}`,
      );
      before.words = words;
      known.set(id, before);
    }
  };
  const soon = (): void => {
    timer ??= setTimeout(look, settleMs).unref();
  };
  events.server.listen(soon);
  events.catalogue.listen(soon);
}
