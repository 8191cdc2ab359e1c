import type { ServerStatus } from '@toolyard/orchestrator';

/** What a server lists and is not offered; `undefined` where all of it is. */
export function leftOutWords({
  leftOut,
  leftOutCount,
}: Pick<ServerStatus, 'leftOut' | 'leftOutCount'>): string | undefined {
  const [first] = leftOut;
  return first && `${leftOutCount} of its entries cannot be offered, such as ${first.entry}: ${first.reason}`;
}
