import type { Fault } from '../faults.ts';
import type { Journal } from './journal.ts';
import { progress, toolResult, type Era } from './replies.ts';
import type { Incoming } from './request.ts';

/** The way back to who made a call. */
export interface Lane {
  note(message: string): void;
  answer(result: string): void;
  /** Goes wrong in that way, in which the call may be answered as well. */
  fail(fault: Fault): void;
  /** Runs once, when the call is cancelled or the way back is gone. */
  onOver(listener: () => void): void;
}

const remembered = 20_000;

/** The tools of all servers: `do`, which may be run once only; `again`, which fails the first time only and may be repeated; and `keep`, whose answers may be kept. */
export function createTools(era: Era, journal: Journal): (incoming: Incoming, lane: Lane) => void {
  const seen = new Set<string>();
  return (incoming, lane) => {
    const { key, act, ms, fault } = incoming.arguments;
    if (incoming.tool === 'keep') {
      const spelled = `{"asked":${incoming.spelled},"serial":"${journal.serial()}"}`;
      return lane.answer(toolResult(era, { ...incoming, spelled }));
    }
    const known = seen.has(key);
    if (known && incoming.tool === 'do') journal.fault('ran-twice', key);
    if (known && incoming.tool === 'again') journal.repeat(key);
    seen.add(key);
    if (seen.size > remembered) for (const oldest of seen) if (seen.delete(oldest)) break;
    if (fault !== '' && (!known || incoming.tool === 'do')) {
      journal.fault(fault, key);
      lane.fail(fault as Fault);
      return;
    }
    if (act === 'hold') {
      journal.held(key);
      lane.onOver(() => journal.freed(key));
      return;
    }
    const result = toolResult(era, incoming);
    if (act === 'echo') lane.answer(result);
    if (act === 'slow') {
      const timer = setTimeout(() => lane.answer(result), ms);
      lane.onOver(() => clearTimeout(timer));
    }
    if (act === 'progress') {
      const { progressToken } = incoming;
      if (progressToken !== undefined)
        for (let step = 1; step <= 3; step++) lane.note(progress(progressToken, step, key));
      lane.answer(result);
    }
  };
}
