/** Whether a URI is one that a template stands for. */
export interface UriTemplate {
  matches(uri: string): boolean;
}

/** Longest URI that is matched against templates, and longest template, in UTF-16 code units. */
const maxUriLength = 2048;
const maxTemplateLength = 1024;
/** Expressions in one template. */
const maxExpressions = 16;

/** One stretch of a template: fixed text, or a gap for what an expression was filled with. */
type Segment = { readonly text: string } | Gap;
interface Gap {
  /** How a filled gap begins; not part of the value. */
  readonly lead: string;
  /** Whether `/` may stand in it. */
  readonly slashes: boolean;
  /** Whether it may be missing altogether, its lead included. */
  readonly optional: boolean;
}

/**
 * Reads an RFC 6570 template (all four levels) for matching, as routing needs it: which server a URI belongs to, not what its parts
 * are. `{x}` stands for one or more characters without `/` (as the reference SDKs match it), `{+x}`, `{#x}` and exploded ones (`{x*}`) for any,
 * `{/x}`, `{.x}`, `{;x}`, `{?x}` and `{&x}` for their character and what follows it.
 *
 * `undefined` for what is no template, is longer than 1,024 characters, or has more than 16 expressions; URIs beyond 2,048 characters match none. Matching takes time in proportion to the lengths of both: no input makes it backtrack.
 */
export function readUriTemplate(template: string): UriTemplate | undefined {
  const segments = split(template);
  if (segments === undefined) return undefined;
  return { matches: (uri) => uri.length <= maxUriLength && matches(segments, uri) };
}

function split(template: string): readonly Segment[] | undefined {
  if (template.length > maxTemplateLength) return undefined;
  const segments: Segment[] = [];
  let expressions = 0;
  let position = 0;
  while (position < template.length) {
    const open = template.indexOf('{', position);
    const text = template.slice(position, open === -1 ? undefined : open);
    if (text.includes('}')) return undefined;
    if (text !== '') segments.push({ text });
    if (open === -1) break;
    const end = template.indexOf('}', open);
    if (end === -1 || ++expressions > maxExpressions) return undefined;
    const gap = readExpression(template.slice(open + 1, end));
    if (gap === undefined) return undefined;
    segments.push(gap);
    position = end + 1;
  }
  return segments;
}

const expression =
  /^([+#./;?&]?)((?:[A-Za-z0-9_.]|%[0-9A-Fa-f]{2})+(?:\*|:[1-9]\d{0,3})?(?:,(?:[A-Za-z0-9_.]|%[0-9A-Fa-f]{2})+(?:\*|:[1-9]\d{0,3})?)*)$/;

function readExpression(source: string): Gap | undefined {
  const [, operator, variables] = expression.exec(source) ?? [];
  if (operator === undefined || variables === undefined) return undefined;
  const several = variables.includes('*') || variables.includes(',');
  switch (operator) {
    case '':
      return { lead: '', slashes: variables.includes('*'), optional: false };
    case '+':
      return { lead: '', slashes: true, optional: false };
    case '#':
      return { lead: '#', slashes: true, optional: true };
    case '/':
      return { lead: '/', slashes: several, optional: true };
    default:
      return { lead: operator, slashes: operator === '?' || operator === '&', optional: true };
  }
}

/** Carries the set of positions that can be reached from segment to segment, so each is looked at once. */
function matches(segments: readonly Segment[], uri: string): boolean {
  const [first] = segments;
  if (first !== undefined && 'text' in first && !uri.startsWith(first.text)) return false;
  let reached = new Uint8Array(uri.length + 1);
  reached[0] = 1;
  for (const segment of segments) {
    const next = new Uint8Array(uri.length + 1);
    if ('text' in segment) afterText(segment.text, uri, reached, next);
    else afterGap(segment, uri, reached, next);
    reached = next;
  }
  return reached[uri.length] === 1;
}

function afterText(text: string, uri: string, reached: Uint8Array, next: Uint8Array): void {
  for (let at = uri.indexOf(text); at !== -1; at = uri.indexOf(text, at + 1)) {
    if (reached[at] === 1) next[at + text.length] = 1;
  }
}

function afterGap(gap: Gap, uri: string, reached: Uint8Array, next: Uint8Array): void {
  // `open` tells whether some way into this gap is still being filled at the position.
  let open = false;
  for (let at = 0; at <= uri.length; at++) {
    if (open) next[at] = 1;
    if (gap.optional && reached[at] === 1) next[at] = 1;
    if (open && !gap.slashes && uri[at] === '/') open = false;
    if (reached[at] !== 1) continue;
    if (gap.lead === '' ? gap.slashes || uri[at] !== '/' : uri[at] === gap.lead) open = true;
  }
}
