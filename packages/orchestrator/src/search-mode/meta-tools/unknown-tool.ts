export interface UnknownTool {
  readonly name: string;
  readonly nearest: readonly string[];
}

/** For a model that made a name up, or spelt it wrongly. */
export function unknownTool({ name, nearest }: UnknownTool): string {
  return `There is no tool "${name}".${nearest.length === 0 ? ' Use find_tools.' : ` Near: ${nearest.join(', ')}.`}`;
}
