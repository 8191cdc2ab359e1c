/** How many lines may be written about one thing. */
export interface LineBound {
  /** Asked for each: whether it may be written, and whether it is the last for now. */
  next(): { readonly may: boolean; readonly isLast: boolean };
}

export const minuteMs = 60_000;

/** So many in a minute, which begins with the first of them. */
export function boundLines(eachMinute: number, now: () => number = () => performance.now()): LineBound {
  let beganMs = -Infinity;
  let lines = 0;
  return {
    next() {
      if (now() - beganMs >= minuteMs) {
        beganMs = now();
        lines = 0;
      }
      lines++;
      return { may: lines <= eachMinute, isLast: lines === eachMinute };
    },
  };
}
