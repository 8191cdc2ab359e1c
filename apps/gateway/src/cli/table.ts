/** Columns that line up; the last one is never padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Something that is not as it should be, and why. */
interface Problem {
  readonly id: string;
  readonly problem?: string;
  /** Until it is tried again. */
  readonly nextAttemptInMs?: number;
}

/** What stands below a table; nothing where nothing is wrong. */
export function problemLines(all: readonly Problem[]): string {
  const lines = all.flatMap(({ id, problem, nextAttemptInMs }) => {
    if (problem === undefined) return [];
    const again = nextAttemptInMs === undefined ? '' : ` It is tried again in ${Math.ceil(nextAttemptInMs / 1_000)} s.`;
    return [`  ${oneLine(id)}: ${oneLine(problem, 300)}${again}`];
  });
  return lines.length === 0 ? '' : `\n\nNot as it should be:\n${lines.join('\n')}`;
}

/** Makes text of a server safe to print on one line of a terminal: no control characters, and not too long. */
export function oneLine(text: string, maxLength = 100): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}

/** Keeps line breaks and tabs, and takes out every other control character: a server must not steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '');
}
