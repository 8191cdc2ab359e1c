import { resolvePointer } from './json-pointer.ts';
import { bytesPerStep, isNode, type SchemaCopy } from './schema-copy.ts';

const maxDepth = 400;

/**
 * Whether a value can be held against a schema in at most so many steps. Walks as a validator would that looks at everything, so that neither references that
 * double, nor ones that lead back, nor large arguments make a small call costly. `false` also for references that lead out of the schema.
 */
export function takesAtMost(maxSteps: number, { schema, weights }: SchemaCopy, value: unknown): boolean {
  let left = maxSteps;
  const apply = (node: unknown, to: unknown, depth: number): boolean => {
    left -= 1 + (typeof to === 'string' ? to.length / bytesPerStep : 0);
    if (!isNode(node)) return left >= 0;
    left -= weights.get(node) ?? 0;
    if (left < 0 || depth > maxDepth) return false;
    if (typeof node['$ref'] === 'string') {
      const target = resolvePointer(schema, node['$ref']);
      if (target === undefined || !apply(target, to, depth + 1)) return false;
    }
    for (const key of ['not', 'if', 'then', 'else']) {
      if (node[key] !== undefined && !apply(node[key], to, depth + 1)) return false;
    }
    for (const key of ['allOf', 'anyOf', 'oneOf']) {
      const all = node[key];
      if (Array.isArray(all) && !all.every((each) => apply(each, to, depth + 1))) return false;
    }
    if (Array.isArray(to)) return applyToItems(node, to, depth);
    return isNode(to) ? applyToMembers(node, to, depth) : true;
  };

  function applyToItems(node: Readonly<Record<string, unknown>>, items: readonly unknown[], depth: number): boolean {
    const { items: of, prefixItems } = node;
    const tuple = Array.isArray(of) ? of : Array.isArray(prefixItems) ? prefixItems : [];
    const each = [Array.isArray(of) ? undefined : of, node['additionalItems'], node['contains']];
    const schemas = each.filter((one) => one !== undefined);
    return items.every(
      (item, at) =>
        (tuple[at] === undefined || apply(tuple[at], item, depth + 1)) &&
        schemas.every((one) => apply(one, item, depth + 1)),
    );
  }

  function applyToMembers(node: Readonly<Record<string, unknown>>, members: object, depth: number): boolean {
    const { properties, additionalProperties, propertyNames, dependentSchemas } = node;
    return Object.entries(members).every(([key, member]) => {
      left -= key.length / bytesPerStep;
      const own = isNode(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
      const dependent =
        isNode(dependentSchemas) && Object.hasOwn(dependentSchemas, key) ? dependentSchemas[key] : undefined;
      return (
        (own === undefined || apply(own, member, depth + 1)) &&
        (propertyNames === undefined || apply(propertyNames, key, depth + 1)) &&
        (dependent === undefined || apply(dependent, members, depth + 1))
      );
    });
  }

  return apply(schema, value, 0);
}
