import { RawObject } from '../../../wire/raw-object.ts';
import { hasRichQuestions } from '../../revisions.ts';

/**
 * The params of `elicitation/create` for a client of 2025-06-18, whose forms have no titled choices (`oneOf`) but `enumNames`, and no fields of several
 * values: such a field is left out where it is optional. `undefined` where it is not, or where the user is to open a URL.
 */
export function downgradeElicitation(params: RawObject, revision: string): RawObject | undefined {
  if (hasRichQuestions(revision)) return params;
  if (params.string('mode') === 'url') return undefined;
  const form = params.without('mode');
  const schema = params.object('requestedSchema');
  const fields = schema?.object('properties');
  if (schema === undefined || fields === undefined) return form;
  const required = new Set(schema.array('required')?.map(({ value }) => value));
  const changes: [string, RawObject | undefined][] = [];
  for (const name of fields.keys()) {
    const field = fields.object(name);
    if (field === undefined) continue;
    const plain = downgradeField(field);
    if (plain === undefined && required.has(name)) return undefined;
    if (plain !== field) changes.push([name, plain]);
  }
  if (changes.length === 0) return form;
  return form.with('requestedSchema', schema.with('properties', fields.patch(Object.fromEntries(changes))));
}

function downgradeField(field: RawObject): RawObject | undefined {
  if (field.string('type') === 'array') return undefined;
  const choices = field.array('oneOf');
  if (choices === undefined) return field;
  const values = choices.map((choice) => (choice instanceof RawObject ? choice.string('const') : undefined));
  const names = choices.map((choice, at) =>
    choice instanceof RawObject ? (choice.string('title') ?? values[at]) : undefined,
  );
  return field.patch({
    oneOf: undefined,
    enum: RawObject.of({ values }).member('values'),
    enumNames: RawObject.of({ names }).member('names'),
  });
}
