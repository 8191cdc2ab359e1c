/** When calls are due at a fixed rate, whatever became of those before. */
export interface Timetable {
  readonly total: number;
  /** Milliseconds from the start. */
  dueMs(call: number): number;
}

export function timetable(perSecond: number, seconds: number): Timetable {
  return { total: Math.floor(perSecond * seconds), dueMs: (call) => (call * 1_000) / perSecond };
}
