import { dataKeys, mapKeys } from '../schemas/schema-keys.ts';
import { paramHeaderPrefix } from './header-names.ts';

/** An argument of a tool that is mirrored in a header, as its `x-mcp-header` annotation says. */
export interface HeaderParam {
  /** Name in lower case: `mcp-param-region`. */
  readonly header: string;
  /** Names of the members that lead from `arguments` to the value; at least one. */
  readonly path: readonly string[];
  readonly type: 'string' | 'integer' | 'boolean';
}

export interface HeaderParams {
  readonly params: readonly HeaderParam[];
  /** What is wrong with the annotations, for people. If there is anything, the tool must not be offered over HTTP (spec: server/tools, `x-mcp-header`). */
  readonly problems: readonly string[];
}

const annotation = 'x-mcp-header';
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const none: HeaderParams = { params: [], problems: [] };

/**
 * Finds the annotated arguments of a tool. An annotation counts only where a chain of `properties` leads to it; anywhere else
 * (`items`, `oneOf`, `$defs`, the root, …) it is a problem, as are names that are no header token or come twice in any letter case, and other
 * types than `string`, `integer` and `boolean`.
 */
export function readHeaderParams(inputSchema: unknown): HeaderParams {
  const params: HeaderParam[] = [];
  const problems: string[] = [];
  const seen = new Set<string>();
  visit(inputSchema, [], true);
  return params.length === 0 && problems.length === 0 ? none : { params, problems };

  function visit(schema: unknown, path: readonly string[], reachable: boolean): void {
    if (Array.isArray(schema)) for (const element of schema) visit(element, path, false);
    if (!isObject(schema)) return;
    if (Object.hasOwn(schema, annotation)) {
      if (reachable && path.length > 0) read(schema, path);
      else problems.push(`${where(path)}: ${annotation} is only allowed where a chain of "properties" leads to it`);
    }
    for (const [key, value] of Object.entries(schema)) {
      if (dataKeys.has(key)) continue;
      if (!mapKeys.has(key)) visit(value, path, false);
      else if (isObject(value)) {
        for (const [name, child] of Object.entries(value))
          visit(child, [...path, name], reachable && key === 'properties');
      }
    }
  }

  function read(schema: Readonly<Record<string, unknown>>, path: readonly string[]): void {
    const name = schema[annotation];
    if (typeof name !== 'string' || !token.test(name)) {
      problems.push(`${where(path)}: ${annotation} must be a header name (letters, digits and !#$%&'*+-.^_\`|~)`);
      return;
    }
    const { type } = schema;
    if (type !== 'string' && type !== 'integer' && type !== 'boolean') {
      problems.push(
        `${where(path)}: ${annotation} is only allowed on string, integer and boolean, not on ${JSON.stringify(type) ?? 'no type'}`,
      );
      return;
    }
    const header = paramHeaderPrefix + name.toLowerCase();
    if (seen.has(header)) problems.push(`${where(path)}: ${annotation} ${JSON.stringify(name)} stands twice`);
    seen.add(header);
    params.push({ header, path, type });
  }
}

function where(path: readonly string[]): string {
  return path.length === 0 ? 'inputSchema' : path.join('.');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
