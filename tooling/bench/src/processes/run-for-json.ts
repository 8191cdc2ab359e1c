import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { onCore } from './cores.ts';
import { endWithUs } from './end-with-us.ts';

/** Runs a program on a core and returns what it printed, read as JSON. Rejects with what it said of itself where it failed. */
export async function runForJson(core: number, args: readonly string[]): Promise<unknown> {
  const [command, commandArgs] = onCore(core, args);
  const child = spawn(command, commandArgs, { stdio: ['ignore', 'pipe', 'pipe'] });
  endWithUs(child, 'SIGTERM');
  const [printed, said, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  if (code !== 0)
    throw new Error(/^(?:\w*Error: )(.*)$/m.exec(said)?.[1] ?? `it ended with ${code}: ${said.slice(-600)}`);
  return JSON.parse(printed);
}
