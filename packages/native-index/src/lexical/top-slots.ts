/** The slots with the highest scores, the worst of them first, the others in no order; ties go to the lower slot, so that a result does not depend on history. */
export function topSlots(slots: Uint32Array, count: number, scores: Float32Array, limit: number): Uint32Array {
  const heap = new Uint32Array(Math.min(limit, count));
  // The worst of the kept is at the root.
  const worse = (a: number, b: number): boolean => {
    const difference = (scores[a] ?? 0) - (scores[b] ?? 0);
    return difference < 0 || (difference === 0 && a > b);
  };
  const sink = (from: number, size: number): void => {
    const moving = heap[from] ?? 0;
    let at = from;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && worse(heap[child + 1] ?? 0, heap[child] ?? 0)) child += 1;
      if (!worse(heap[child] ?? 0, moving)) break;
      heap[at] = heap[child] ?? 0;
      at = child;
    }
    heap[at] = moving;
  };
  for (let i = 0; i < heap.length; i += 1) heap[i] = slots[i] ?? 0;
  for (let i = (heap.length >>> 1) - 1; i >= 0; i -= 1) sink(i, heap.length);
  let lowest = scores[heap[0] ?? 0] ?? 0;
  for (let i = heap.length; i < count; i += 1) {
    const slot = slots[i] ?? 0;
    // Most fall short of the worst that is kept; that is seen here at once.
    if ((scores[slot] ?? 0) < lowest || !worse(heap[0] ?? 0, slot)) continue;
    heap[0] = slot;
    sink(0, heap.length);
    lowest = scores[heap[0] ?? 0] ?? 0;
  }
  return heap;
}
