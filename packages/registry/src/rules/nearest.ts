/** The known name that `written` was most likely meant to be, if any is near: at most a third of it mistyped. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const from = normal(written);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(from.length / 3)) + 1;
  if (from.length > 64) return undefined;
  for (const name of known) {
    const distance = edits(from, normal(name));
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

function normal(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '');
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function edits(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((row[j - 1] ?? 0) + 1, (above[j] ?? 0) + 1, (above[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
