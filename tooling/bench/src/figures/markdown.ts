/** A table in Markdown: the heads, then the rows. A head that ends in `:` has its column set to the right. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return [
    line(heads.map((head) => head.replace(/:$/, ''))),
    line(heads.map((head) => (head.endsWith(':') ? '---:' : '---'))),
    ...rows.map((row) => line(row.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')))),
  ].join('');
}

export const whole = (number: number): string => Math.round(number).toLocaleString('en-US');
export const fine = (number: number): string => number.toFixed(2);
export const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;
