import { type ConfigProblem, ToolyardError } from '@toolyard/protocol';

/** The error for a file that cannot be used: its message lists every problem on a line of its own, `file:line:column` first. */
export function configInvalid(
  problems: readonly ConfigProblem[],
  file = 'configuration',
): ToolyardError<'CONFIG_INVALID'> {
  const lines = problems.map(({ line, column, path, message }) => {
    const place = line === 0 ? file : `${file}:${line}:${column}`;
    return `  ${place}  ${path === '' ? '' : `${path}: `}${message}`;
  });
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new ToolyardError('CONFIG_INVALID', { problems }, `${count} in ${file}\n${lines.join('\n')}`);
}
