import type { Environment } from '@toolyard/registry';

import type { Surroundings } from '../cli/surroundings.ts';
import type { FakeTerminal } from './fake-terminal.ts';

/** Surroundings that remember what was written, and whose signals and crashes a test sends. */
export class FakeSurroundings implements Surroundings {
  readonly environment: Environment;
  readonly cwd: string;
  readonly interactive = false;
  readonly terminal: FakeTerminal | undefined;
  readonly written: string[] = [];
  readonly complained: string[] = [];
  readonly #signals = new Set<(signal: 'SIGINT' | 'SIGTERM') => void>();
  readonly #reloads = new Set<() => void>();
  readonly #toggles = new Set<() => void>();
  readonly #crashes = new Set<(error: unknown) => void>();
  readonly #warnings = new Set<(warning: Error) => void>();
  readonly #losses = new Set<(error: Error) => void>();

  constructor(environment: Environment = {}, cwd = '/', terminal?: FakeTerminal) {
    this.environment = environment;
    this.cwd = cwd;
    this.terminal = terminal;
  }

  readonly out = (text: string): void => void this.written.push(text);
  readonly err = (text: string): void => void this.complained.push(text);

  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void {
    this.#signals.add(listener);
    return () => this.#signals.delete(listener);
  }

  onReload(listener: () => void): () => void {
    this.#reloads.add(listener);
    return () => this.#reloads.delete(listener);
  }

  onToggle(listener: () => void): () => void {
    this.#toggles.add(listener);
    return () => this.#toggles.delete(listener);
  }

  onCrash(listener: (error: unknown) => void): () => void {
    this.#crashes.add(listener);
    return () => this.#crashes.delete(listener);
  }

  onWarning(listener: (warning: Error) => void): () => void {
    this.#warnings.add(listener);
    return () => this.#warnings.delete(listener);
  }

  onOutputLost(listener: (error: Error) => void): () => void {
    this.#losses.add(listener);
    return () => this.#losses.delete(listener);
  }

  signal(signal: 'SIGINT' | 'SIGTERM'): void {
    for (const listener of this.#signals) listener(signal);
  }

  reload(): void {
    for (const listener of this.#reloads) listener();
  }

  crash(error: unknown): void {
    for (const listener of this.#crashes) listener(error);
  }

  get listeners(): number {
    const all = [this.#signals, this.#reloads, this.#toggles, this.#crashes, this.#warnings, this.#losses];
    return all.reduce((count, { size }) => count + size, 0);
  }

  exit(code: number): never {
    throw new ProcessExit(code);
  }
}

/** What the process would have ended with, at once. */
export class ProcessExit extends Error {
  readonly exitCode: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.exitCode = code;
  }
}
