/** Variables by name. `process.env` fits. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Expansion {
  readonly text: string;
  /** Whether anything came from the environment or a default. */
  readonly resolved: boolean;
  /** One sentence for each thing that is wrong; then `text` means nothing. */
  readonly mistakes: readonly string[];
}

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Replaces `${NAME}` and `${NAME:-default}` (used when the variable is unset or empty; it ends at the first `}`); `$${` stands for `${`.
 * What comes from the environment is not expanded again.
 */
export function expand(text: string, environment: Environment): Expansion {
  const mistakes: string[] = [];
  let out = '';
  let resolved = false;
  let from = 0;
  for (;;) {
    const start = text.indexOf('${', from);
    if (start < 0) break;
    if (start > from && text[start - 1] === '$') {
      out += `${text.slice(from, start - 1)}\${`;
      from = start + 2;
      continue;
    }
    out += text.slice(from, start);
    const end = text.indexOf('}', start);
    if (end < 0) {
      mistakes.push(
        'a reference starts with "${" and never ends; close it with "}", or write "$${" for the characters themselves',
      );
      return { text: out, resolved, mistakes };
    }
    const value = look(text.slice(start + 2, end), environment);
    resolved = true;
    if ('mistake' in value) mistakes.push(value.mistake);
    else out += value.text;
    from = end + 1;
  }
  return { text: out + text.slice(from), resolved, mistakes };
}

function look(reference: string, environment: Environment): { text: string } | { mistake: string } {
  const split = reference.indexOf(':-');
  const name = split < 0 ? reference : reference.slice(0, split);
  if (!variableName.test(name)) {
    return {
      mistake:
        'between "${" and "}" stands no variable name; write "${NAME}", "${NAME:-default}", or "$${" for the characters "${"',
    };
  }
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (split >= 0) return { text: value === undefined || value === '' ? reference.slice(split + 2) : value };
  if (value === undefined) {
    return { mistake: `the environment variable ${name} is not set; set it, or give a default: "\${${name}:-…}"` };
  }
  return { text: value };
}
