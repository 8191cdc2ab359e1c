/** To be told what becomes of a process; `gone` also of one that could not be started. */
export interface ProcessPlace {
  started(pid: number): void;
  /** It has come up, and another may be started. */
  ready(): void;
  /** It was asked to end, or has died and what it started is being ended. */
  ending(): void;
  /** Nothing is left of it. */
  gone(): void;
}

export interface LiveProcess {
  readonly upstream: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  /** The program's name only: folders and arguments may tell what is nobody's business. */
  readonly command: string;
  readonly state: 'starting' | 'running' | 'ending';
}

/** `onRoom`: somebody else may come in; `isGone`: since this one has left. */
export class Place implements ProcessPlace {
  readonly upstream: string;
  readonly #command: string;
  readonly #onRoom: (isGone: boolean) => void;
  readonly #hold: NodeJS.Timeout;
  #comingUp = true;
  #leaving = false;
  #gone = false;
  #pid: number | undefined;
  #startedAtMs = 0;

  constructor(upstream: string, command: string, holdMs: number, onRoom: (isGone: boolean) => void) {
    this.upstream = upstream;
    this.#command = command;
    this.#onRoom = onRoom;
    this.#hold = setTimeout(() => this.ready(), holdMs);
    this.#hold.unref();
  }

  get comingUp(): boolean {
    return this.#comingUp;
  }

  get leaving(): boolean {
    return this.#leaving;
  }

  get live(): LiveProcess | undefined {
    if (this.#pid === undefined) return undefined;
    const state = this.#leaving ? 'ending' : this.#comingUp ? 'starting' : 'running';
    return { upstream: this.upstream, pid: this.#pid, startedAtMs: this.#startedAtMs, command: this.#command, state };
  }

  started(pid: number): void {
    this.#pid = pid;
    this.#startedAtMs = Date.now();
  }

  ready(): void {
    if (!this.#comingUp) return;
    this.#noLongerComingUp();
    this.#onRoom(false);
  }

  ending(): void {
    this.#leaving = true;
    this.ready();
  }

  gone(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#noLongerComingUp();
    this.#onRoom(true);
  }

  #noLongerComingUp(): void {
    clearTimeout(this.#hold);
    this.#comingUp = false;
  }
}
