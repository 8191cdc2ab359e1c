/** The load generator: reads what to do from its first argument, as JSON (`LoadOrder`), and prints one JSON line of figures. */
import type { Speech } from './caller.ts';
import { openCaller } from './caller.ts';
import { closedLoop } from './closed-loop.ts';
import { openLoop } from './open-loop.ts';

export interface LoadOrder {
  readonly url: string;
  /** The process whose CPU time counts. */
  readonly pid: number;
  readonly speech: Speech;
  readonly connections: number;
  readonly seconds: number;
  /** Calls at this rate, whatever becomes of them. Default: each connection calls again once it is answered. */
  readonly perSecond?: number;
}

const order = JSON.parse(process.argv[2] ?? '') as LoadOrder;
const { pid, speech, connections, seconds, perSecond } = order;
const url = new URL(order.url);
// One after the other: how fast sessions open is not measured here.
const callers = [];
for (let number = 0; number < connections; number += 1) callers.push(await openCaller(speech, url));
const options = { callers, seconds, pid };
const figures = perSecond === undefined ? await closedLoop(options) : await openLoop(options, perSecond);
for (const caller of callers) await caller.close();
process.stdout.write(`${JSON.stringify(figures)}\n`);
