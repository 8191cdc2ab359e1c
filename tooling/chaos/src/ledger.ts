/** Counts what happened, and keeps what must not have. */
export interface Ledger {
  readonly calls: number;
  readonly ok: number;
  readonly errors: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<string, number>;
  readonly doors: ReadonlyMap<string, number>;
  /** How long after their deadline or cancellation calls ended, at most. */
  readonly latestMs: number;
  readonly violations: readonly string[];
  readonly violationCount: number;
  /** Calls that callers cancelled; held calls that arrived at a server, and those of them whose cancellation did. */
  readonly cancellations: { readonly made: number; readonly arrived: number; readonly heard: number };
  /** Calls that failed by a fault and were made again, as they may be. */
  readonly repeats: number;
  /** Answers that somebody had been given before. */
  readonly reused: number;
  ended(door: string, code?: string): void;
  late(ms: number): void;
  cancelled(): void;
  /** A line of a server's journal. */
  heard(server: string, line: string): void;
  gaveAgain(): void;
  /** What happens beside the calls. */
  fault(kind: string): void;
  violation(text: string): void;
  /** Held calls whose server never heard that they are over. What a process held ended with it. */
  unheard(): readonly string[];
}

const shownViolations = 20;
const remembered = 50_000;

/** `tell` hears of the first violations as they happen. */
export function createLedger(tell: (violation: string) => void = () => undefined): Ledger {
  const errors = new Map<string, number>();
  const faults = new Map<string, number>();
  const doors = new Map<string, number>();
  const violations: string[] = [];
  /** Calls that a server holds, with its process. */
  const held = new Map<string, { readonly server: string; readonly pid: number }>();
  /** Calls that failed by a fault and may not be made again, the last of them. */
  const failed = new Set<string>();
  const figures = {
    calls: 0,
    ok: 0,
    latestMs: 0,
    violationCount: 0,
    made: 0,
    arrived: 0,
    heard: 0,
    repeats: 0,
    reused: 0,
  };
  const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
  const once = (key: string, words: string, ledger: Pick<Ledger, 'violation'>): void => {
    if (failed.has(key)) ledger.violation(words);
    failed.add(key);
    if (failed.size > remembered) for (const oldest of failed) if (failed.delete(oldest)) break;
  };

  return {
    errors,
    faults,
    doors,
    violations,
    get calls() {
      return figures.calls;
    },
    get ok() {
      return figures.ok;
    },
    get latestMs() {
      return figures.latestMs;
    },
    get violationCount() {
      return figures.violationCount;
    },
    get repeats() {
      return figures.repeats;
    },
    get reused() {
      return figures.reused;
    },
    get cancellations() {
      return { made: figures.made, arrived: figures.arrived, heard: figures.heard };
    },
    ended(door, code) {
      figures.calls++;
      count(doors, door);
      if (code === undefined) figures.ok++;
      else count(errors, code);
    },
    late(ms) {
      figures.latestMs = Math.max(figures.latestMs, ms);
    },
    cancelled() {
      figures.made++;
    },
    heard(server, line) {
      const [, what = '', kind = '', key = '', pid = ''] = /^chaos (\S+) (\S+) (\S+) (\d+)/.exec(line) ?? [];
      if (what === '' && /^\w*Error\b/.test(line)) this.violation(`${server} crashed: ${line}`);
      if (what === 'repeat') figures.repeats++;
      if (what === 'fault') {
        count(faults, kind);
        if (kind === 'ran-twice') this.violation(`${server} ran ${key} twice`);
        else if (key.startsWith('do-')) once(key, `${key} came to ${server} twice, with the fault ${kind}`, this);
      } else if (what === 'held') {
        held.set(key, { server, pid: Number(pid) });
        figures.arrived++;
      } else if (what === 'freed') {
        if (held.delete(key)) figures.heard++;
      }
    },
    gaveAgain() {
      figures.reused++;
    },
    fault: (kind) => count(faults, kind),
    violation(text) {
      figures.violationCount++;
      if (violations.length >= shownViolations) return;
      violations.push(text);
      tell(text);
    },
    unheard: () =>
      [...held].filter(([, { pid }]) => isAlive(pid)).map(([key, { server, pid }]) => `${key} at ${server} (${pid})`),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
