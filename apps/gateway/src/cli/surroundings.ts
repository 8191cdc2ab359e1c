import type { Environment } from '@toolyard/registry';

/** A screen, and the keys before it. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  /** As it is, control characters included. */
  write(text: string): void;
  /** Calls back with each key, Ctrl-C (`\x03`) included, which is no signal then, until the returned function is called. */
  onKey(listener: (key: string) => void): () => void;
  /** Calls back with each change of its size until the returned function is called. */
  onResize(listener: () => void): () => void;
}

/** All that a command sees of the process it runs in. */
export interface Surroundings {
  readonly environment: Environment;
  /** Folder that relative paths of the command line start from. */
  readonly cwd: string;
  /** What the user asked for; a line break is added. */
  readonly out: (text: string) => void;
  /** Where what goes to `out` is seen; `undefined` where it goes elsewhere. */
  readonly terminal: Terminal | undefined;
  /** Whether a person reads what goes to `err`. */
  readonly interactive: boolean;
  /** Everything else: progress, complaints. */
  readonly err: (text: string) => void;
  /** Calls back at each SIGINT or SIGTERM until the returned function is called. */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
  /** Calls back at each SIGHUP, where the system has it, until the returned function is called. One that says that the terminal of the process is gone is a SIGTERM instead. */
  onReload(listener: () => void): () => void;
  /** Calls back at each SIGUSR2, where the system has it, until the returned function is called. */
  onToggle(listener: () => void): () => void;
  /** Calls back at each error that nobody caught until the returned function is called. */
  onCrash(listener: (error: unknown) => void): () => void;
  /** Calls back at each warning of the process that was not disabled (`--no-warnings`, `--disable-warning`), in place of Node, which writes them as text, until the returned function is called. */
  onWarning(listener: (warning: Error) => void): () => void;
  /** Calls back when what goes to `out` cannot be written, until the returned function is called. While nobody listens to that, it ends the process. */
  onOutputLost(listener: (error: Error) => void): () => void;
  /** Ends the process at once, whatever it waits for. */
  exit(code: number): never;
}
