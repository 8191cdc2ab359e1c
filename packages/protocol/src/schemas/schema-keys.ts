/** Members of a JSON Schema that hold data, in which nothing is a keyword. */
export const dataKeys: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples', 'required']);

/** Members of a JSON Schema that map names of the author's choice to schemas. */
export const mapKeys: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
]);
