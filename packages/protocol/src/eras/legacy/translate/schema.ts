import { dataKeys, mapKeys } from '../../../schemas/schema-keys.ts';
import { RawJson } from '../../../wire/raw-json.ts';
import { RawObject, elements, rawArray } from '../../../wire/raw-object.ts';

/**
 * The `outputSchema` of a tool for revisions whose `structuredContent` is always an object (SEP-2106).
 *
 * - of objects only: itself;
 * - of anything but objects: `{"type": "object", "properties": {"result": …}, "required": ["result"]}`, with `$schema` moved to the new root and
 *   references within the document (`#`, `#/…`) pointing to the schema's new place;
 * - of objects and others: `undefined`.
 */
export function wrapOutputSchema(schema: RawJson): RawJson | undefined {
  if (!(schema instanceof RawObject)) return undefined;
  const types = typesOf(schema);
  if (types?.length === 1 && types[0] === 'object') return schema;
  if (types === undefined || types.includes('object')) return undefined;
  const result = movesBase(schema) ? schema : moveReferences(schema);
  const properties = RawObject.of({ result });
  return RawObject.of({ $schema: schema.member('$schema'), type: 'object', properties, required: ['result'] });
}

function typesOf(schema: RawObject): readonly unknown[] | undefined {
  const type = schema.member('type')?.value;
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type : undefined;
}

/** An `$id` that is no mere fragment makes references below it relative to itself. */
function movesBase(schema: RawObject): boolean {
  return schema.has('$id') && !(schema.string('$id')?.startsWith('#') ?? false);
}

function moveReferences(schema: RawObject): RawObject {
  return mapMembers(schema, (key, value) => {
    if (dataKeys.has(key)) return value;
    return key === '$ref' || key === '$dynamicRef' ? moveReference(value) : moveWithin(value, mapKeys.has(key));
  });
}

function moveReference(value: RawJson): RawJson {
  const reference = value.value;
  if (typeof reference !== 'string' || !(reference === '#' || reference.startsWith('#/'))) return value;
  return RawJson.of(`#/properties/result${reference.slice(1)}`);
}

function moveWithin(value: RawJson, isMap: boolean): RawJson {
  if (value instanceof RawObject) {
    if (isMap) return mapMembers(value, (_name, schema) => moveWithin(schema, false));
    return movesBase(value) ? value : moveReferences(value);
  }
  const list = elements(value);
  if (list === undefined) return value;
  const moved = list.map((element) => moveWithin(element, false));
  return moved.every((element, at) => element === list[at]) ? value : rawArray(moved);
}

function mapMembers(object: RawObject, change: (key: string, value: RawJson) => RawJson): RawObject {
  const changes: [string, RawJson][] = [];
  for (const key of object.keys()) {
    const value = object.member(key);
    const changed = value === undefined ? value : change(key, value);
    if (changed !== undefined && changed !== value) changes.push([key, changed]);
  }
  return changes.length === 0 ? object : object.patch(Object.fromEntries(changes));
}
