/** Counts by two labels, handed over now and then: what a counter of Prometheus does with its labels costs too much to be done for every request. */
export interface Tally {
  count(first: string, second: string): void;
  /** Gives what was counted since the last time. */
  drain(take: (first: string, second: string, count: number) => void): void;
}

/** Keeps one number for each pair of labels for good, so these must come from a bounded set. */
export function createTally(): Tally {
  const counts = new Map<string, Map<string, { since: number }>>();
  return {
    count(first, second) {
      let row = counts.get(first);
      if (row === undefined) counts.set(first, (row = new Map<string, { since: number }>()));
      const cell = row.get(second);
      if (cell === undefined) row.set(second, { since: 1 });
      else cell.since++;
    },
    drain(take) {
      for (const [first, row] of counts)
        for (const [second, cell] of row) {
          if (cell.since > 0) take(first, second, cell.since);
          cell.since = 0;
        }
    },
  };
}
