/** As values of trees are written down. */
export function rounded(value: number): number {
  return Number(value.toFixed(4));
}
