import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { CommandTarget, ProcessLimits } from '@toolyard/protocol';
import { gateScript } from './gate-script.ts';

export interface SpawnOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether it is to wait, where it can, until a line comes on its fourth stream. */
  readonly waits: boolean;
}

/** Spawns a command in a group of its own: through a shell that is the gate where it waits or has limits, and then becomes the command. */
export function spawnProcess(
  { command, args = [], limits }: CommandTarget,
  { cwd, environment, waits }: SpawnOptions,
): ChildProcess {
  const shared = { cwd, env: environment, detached: process.platform !== 'win32', windowsHide: true };
  if (!survivesShell(environment) || !(waits || isLimited(limits)))
    return spawn(command, args, { ...shared, stdio: ['pipe', 'pipe', 'pipe'] });
  return spawn('/bin/sh', ['-c', gateScript(waits, limits), 'toolyard-gate', command, ...args], {
    ...shared,
    stdio: ['pipe', 'pipe', 'pipe', ...(waits ? (['pipe'] as const) : [])],
  });
}

/** Why the limits cannot be set, as the end of a sentence; `undefined` when they can, as far as can be told before. */
export function whyNotLimitable(
  limits: ProcessLimits | undefined,
  environment: Readonly<Record<string, string>>,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (!isLimited(limits)) return undefined;
  if (platform === 'win32') return 'Windows has no limits that a process could be given';
  for (const [name, value] of Object.entries(limits ?? {})) {
    if (!Number.isSafeInteger(value) || value < 1) return `its limit "${name}" is no whole number from 1`;
  }
  return survivesShell(environment)
    ? undefined
    : 'a shell sets its limits, and would not pass on a variable of this name; rename it, or take the limits away';
}

function isLimited(limits: ProcessLimits | undefined): boolean {
  return limits !== undefined && Object.keys(limits).length > 0;
}

/** The shell that is the gate passes on only variables whose names it could use itself. */
function survivesShell(environment: Readonly<Record<string, string>>): boolean {
  return Object.keys(environment).every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
}
