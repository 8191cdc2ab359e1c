import type { ServerEntry } from '@toolyard/orchestrator';
import { createCall, ToolyardError } from '@toolyard/protocol';

import { untroubled, type Yard } from './yard.ts';

export interface Figures {
  /** Things that were done, by kind. */
  readonly done: Map<string, number>;
  /** Codes that calls and operations failed with. */
  readonly failed: Map<string, number>;
  /** Failures that nobody may see. */
  readonly wrong: string[];
}

type Trouble = (yard: Yard, figures: Figures) => Promise<unknown>;

const any = <T>(things: readonly T[]): T | undefined => things[Math.floor(Math.random() * things.length)];
const below = (most: number): number => Math.floor(Math.random() * most);
const victimOf = ({ entries }: Yard): ServerEntry | undefined => any(entries.filter(({ id }) => id !== untroubled));
const idOf = (yard: Yard): string => victimOf(yard)?.id ?? '';
const drain = { drainMs: 100 };

function kill(signal: NodeJS.Signals): Trouble {
  return async ({ governor }) => {
    const victim = any(governor.list().filter(({ upstream }) => upstream !== untroubled));
    if (victim === undefined) return;
    try {
      process.kill(victim.pid, signal);
    } catch {
      // It has ended by itself.
    }
  };
}

/** What can happen to servers, the frequent ones named more than once. */
const troubles: readonly (readonly [string, Trouble])[] = [
  ['scale', (yard) => yard.orchestrator.scale(idOf(yard), below(4), drain)],
  ['scale', (yard) => yard.orchestrator.scale('plain', 1 + below(4), drain)],
  ['restart', (yard) => yard.orchestrator.restart(idOf(yard), drain)],
  ['drain', (yard) => yard.orchestrator.drain(idOf(yard), drain)],
  [
    'deploy anew',
    async (yard) => {
      const entry = victimOf(yard);
      if (entry === undefined) return;
      const { id, ...definition } = entry;
      await yard.orchestrator.undeploy(id, drain);
      await yard.orchestrator.deploy(id, definition, drain);
    },
  ],
  ['kill', kill('SIGKILL')],
  ['kill', kill('SIGKILL')],
  ['terminate', kill('SIGTERM')],
  ['stop', kill('SIGSTOP')],
  ...Array.from({ length: 8 }, (): [string, Trouble] => ['call', callSomeone]),
];

async function callSomeone(yard: Yard): Promise<unknown> {
  const patience = AbortSignal.timeout(50 + below(1_000));
  const call = { method: 'tools/call', params: { name: any(['pid', 'pid', 'wait']), arguments: {} }, signal: patience };
  return yard.orchestrator.execute(any(yard.entries)?.id ?? '', call);
}

/** Does one thing of these, and counts it. */
export async function makeTrouble(yard: Yard, figures: Figures): Promise<void> {
  const [what, trouble] = any(troubles) ?? ['nothing', () => Promise.resolve()];
  count(figures.done, what);
  try {
    await trouble(yard, figures);
  } catch (error) {
    const code = ToolyardError.is(error) ? error.code : 'no code';
    count(figures.failed, code);
    if (code === 'no code' || code === 'INTERNAL') figures.wrong.push(`${what}: ${String(error)}`);
  }
}

export function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** The first call of a process loads what later ones need. */
export async function warmUp({ orchestrator }: Yard): Promise<void> {
  await orchestrator.start();
  await orchestrator.service(createCall('tools/list'));
}
