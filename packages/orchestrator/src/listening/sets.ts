export function intersection<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...a].filter((value) => b.has(value)));
}

/** Whether all of `part` is in `whole`. */
export function covers<T>(whole: ReadonlySet<T>, part: ReadonlySet<T>): boolean {
  if (part.size > whole.size) return false;
  for (const value of part) if (!whole.has(value)) return false;
  return true;
}
