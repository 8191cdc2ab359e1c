const maxDepth = 6;
const maxProperties = 256;
const maxNodes = 2048;
const maxTextLength = 16_384;

export interface SchemaText {
  /** Names of the arguments, and of what is inside them, outermost first. */
  readonly names: readonly string[];
  /** Their titles, descriptions and allowed words. */
  readonly texts: readonly string[];
}

/**
 * What a JSON Schema says in words. References inside the document are followed, each once. Reads at most 6 levels, 256 properties, 2,048 schemas and
 * 16,384 characters, and passes over what is no schema: a server's mistake must not hide its tool.
 */
export function schemaText(schema: unknown): SchemaText {
  const names: string[] = [];
  const texts: string[] = [];
  let left = maxTextLength;
  const say = (list: string[], text: unknown): void => {
    if (typeof text !== 'string' || left <= 0) return;
    list.push(text.slice(0, left));
    left -= text.length;
  };
  const seen = new Set<object>();
  // Level by level, so that where a bound cuts, it cuts what is deepest.
  let level: unknown[] = [schema];
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const node of level) {
      if (!isRecord(node) || seen.has(node) || seen.size >= maxNodes) continue;
      seen.add(node);
      if (depth > 0) for (const member of ['title', 'description'] as const) say(texts, node[member]);
      if (Array.isArray(node['enum'])) for (const value of node['enum'].slice(0, 32)) say(texts, value);
      if (isRecord(node['properties'])) {
        for (const name of Object.keys(node['properties'])) {
          if (names.length >= maxProperties) break;
          say(names, name);
          next.push(node['properties'][name]);
        }
      }
      for (const member of ['items', 'additionalProperties'] as const) next.push(node[member]);
      for (const member of ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const) {
        const list = node[member];
        if (Array.isArray(list)) next.push(...(list as readonly unknown[]).slice(0, maxProperties));
      }
      if (typeof node['$ref'] === 'string') next.push(resolve(schema, node['$ref']));
    }
    level = next;
  }
  return { names, texts };
}

function resolve(root: unknown, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let node = root;
  for (const step of reference.slice(2, 1024).split('/')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isRecord(node) || !Object.hasOwn(node, name)) return undefined;
    node = node[name];
  }
  return node;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
