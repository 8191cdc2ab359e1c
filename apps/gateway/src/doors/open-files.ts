/** Files that this process may have open at a time, sockets included; `undefined` where there is no limit, or the system (Windows) tells none. */
export function openFileLimit(): number | undefined {
  const limits = member(process.report.getReport(), 'userLimits');
  const soft = member(member(limits, 'open_files'), 'soft');
  return typeof soft === 'number' ? soft : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
