/** First and second derivatives of one request's loss by its tools' sums. */
export function slopes(
  sums: Float64Array,
  slope: Float64Array,
  bend: Float64Array,
  start: number,
  relevant: Uint8Array,
  weight: number,
): void {
  const own = sums.subarray(start, start + relevant.length);
  const top = own.reduce((best, sum) => Math.max(best, sum), -Infinity);
  const chance = own.map((sum) => Math.exp(sum - top));
  let against = 0;
  chance.forEach((value, tool) => (against += relevant[tool] === 1 ? 0 : value));
  const part = weight / relevant.reduce((sum, is) => sum + is, 0);
  let [once, twice] = [0, 0];
  chance.forEach((value, tool) => {
    if (relevant[tool] !== 1) return;
    const share = value / (value + against);
    once += part / (value + against);
    twice += part / (value + against) ** 2;
    slope[start + tool] = part * (share - 1);
    bend[start + tool] = part * share * (1 - share);
  });
  chance.forEach((value, tool) => {
    if (relevant[tool] === 1) return;
    slope[start + tool] = value * once;
    bend[start + tool] = Math.max(0, value * once - value * value * twice);
  });
}
