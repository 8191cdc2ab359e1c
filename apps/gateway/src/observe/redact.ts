/** Takes secrets out of text that is written down. */
export interface Redactor {
  /** A line without what is known to be a secret, or looks like one; JSON stays JSON. */
  redact(line: string): string;
  /** From now on these are secrets, too. */
  know(values: Iterable<string>): void;
}

/** The newest count: a configuration that changes for weeks must not add up. */
const maxKnown = 10_000;
/** Anything shorter would take half of every line with it. */
const shortest = 6;
const mask = '***';

export function createRedactor(): Redactor {
  const known = new Set<string>();
  let anyKnown: RegExp | undefined;
  return {
    know(values) {
      for (const value of values) for (const spelling of spellings(value)) known.add(spelling);
      for (const value of known) if (known.size > maxKnown) known.delete(value);
      // The longer first: one may be part of another.
      const longestFirst = [...known].toSorted((one, other) => other.length - one.length);
      anyKnown = known.size === 0 ? undefined : new RegExp(longestFirst.map(escaped).join('|'), 'g');
    },
    redact(line) {
      const text = anyKnown === undefined ? line : line.replace(anyKnown, mask);
      return patterns.reduce((left, [pattern, replacement]) => left.replace(pattern, replacement), text);
    },
  };
}

/** As it is, as it stands in JSON, and as it stands in a URL. */
function spellings(value: string): readonly string[] {
  if (value.length < shortest) return [];
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)];
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

const name =
  '[\\w-]{0,64}?(?:token|secret|passwd|password|pwd|api[_-]?key|access[_-]?key|private[_-]?key|authorization|cookie|credentials?|session[_-]?id|signature)';

/** All of them run in a time that grows with the line and no faster. */
const patterns: readonly (readonly [RegExp, string])[] = [
  // The user and password of a URL, its query and its fragment.
  [/\b([a-z][a-z\d+.-]{0,20}:\/\/)[^\s/?#"'\\<>]{0,1024}@/gi, `$1${mask}@`],
  [/\b([a-z][a-z\d+.-]{0,20}:\/\/[^\s?#"'\\<>]{0,4096})[?#][^\s"'\\<>]*/gi, `$1?${mask}`],
  // {"apiKey":"…"}, also within a text, where its quotes are escaped.
  [new RegExp(`("${name}"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*`, 'gi'), `$1${mask}`],
  [new RegExp(`(\\\\"${name}\\\\"\\s*:\\s*\\\\")[^"\\\\]*`, 'gi'), `$1${mask}`],
  // API_KEY=…, authorization: Bearer …
  [
    new RegExp(
      `(\\b${name}\\s{0,8}[:=]\\s{0,8}(?:\\\\?["'])?(?:(?:bearer|basic|token)\\s{1,8})?)[^\\s"'\\\\,;&)}\\]]+`,
      'gi',
    ),
    `$1${mask}`,
  ],
  [/\b(bearer|basic)\s{1,8}[\w.~+/=-]{8,}/gi, `$1 ${mask}`],
  // Of well-known makers, and JSON Web Tokens.
  [/\b(?:sk|pk|rk)[-_][\w-]{16,}|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}/g, mask],
  [/\bxox[a-z]-[\w-]{10,}|\bAKIA[A-Z\d]{16}\b|\bAIza[\w-]{35}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, mask],
];
