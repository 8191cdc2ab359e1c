import { boundLines, type LineBound, minuteMs } from './bound-lines.ts';

/** Lines that come as often as somebody likes, of which some are written. */
export interface LineSample extends Disposable {
  /**
   * Asked for each line of a group: whether it may be written. `tell` is called once when the minute of the group is over, or at the end, with how many were not; the first
   * one of the minute counts. A group is forgotten with its minute.
   */
  may(group: string, tell: (leftOut: number) => void): boolean;
}

/** So many of each group in a minute, which begins with the first of them. Groups are as many as who asks makes of them: callers must not. */
export function sampleLines(eachMinute: number): LineSample {
  const groups = new Map<string, Group>();
  const end = (name: string, { timer, leftOut, tell }: Group): void => {
    clearTimeout(timer);
    groups.delete(name);
    if (leftOut > 0) tell(leftOut);
  };
  const begin = (name: string, tell: Group['tell']): Group => {
    const timer = setTimeout(() => end(name, group), minuteMs).unref();
    const group: Group = { bound: boundLines(eachMinute), leftOut: 0, timer, tell };
    groups.set(name, group);
    return group;
  };
  return {
    may(name, tell) {
      const group = groups.get(name) ?? begin(name, tell);
      const { may } = group.bound.next();
      if (!may) group.leftOut++;
      return may;
    },
    [Symbol.dispose]() {
      for (const [name, group] of groups) end(name, group);
    },
  };
}

interface Group {
  readonly bound: LineBound;
  readonly timer: NodeJS.Timeout;
  readonly tell: (leftOut: number) => void;
  leftOut: number;
}
