import type { Call } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';

/** What is wrong with the arguments of a meta-tool, in a sentence for the model that wrote them. */
export class ArgumentProblem extends Error {}

/** The arguments of a meta-tool. Each throws `ArgumentProblem`; `null` is as good as nothing. */
export interface MetaArguments {
  text(name: string): string;
  object(name: string): RawObject;
  integer(name: string, bounds: { readonly max: number }): number | undefined;
  texts(name: string, bounds: { readonly max: number }): readonly string[];
  optionalTexts(name: string, bounds: { readonly max: number }): readonly string[] | undefined;
}

export function metaArguments(call: Call): MetaArguments {
  const given = call.params.member('arguments');
  if (given !== undefined && !(given instanceof RawObject))
    throw new ArgumentProblem('"arguments" has to be an object.');
  const raw = given ?? RawObject.empty;
  const value = (name: string): unknown => raw.member(name)?.value ?? undefined;
  const texts: MetaArguments['texts'] = (name, { max }) => {
    const list = value(name);
    const good = Array.isArray(list) && list.length > 0 && list.length <= max;
    if (good && list.every((each) => typeof each === 'string')) return list;
    throw new ArgumentProblem(`"${name}" has to be a list of 1 to ${max} texts.`);
  };
  return {
    text(name) {
      const text = value(name);
      if (typeof text === 'string' && text.trim() !== '') return text;
      throw new ArgumentProblem(`"${name}" has to be a text that is not empty.`);
    },
    object(name) {
      const member = raw.member(name);
      if (member === undefined || member.value === null) return RawObject.empty;
      if (member instanceof RawObject) return member;
      throw new ArgumentProblem(`"${name}" has to be an object, not ${kindOf(member.value)}.`);
    },
    integer(name, { max }) {
      const number = value(name);
      if (number === undefined) return undefined;
      if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= max) return number;
      throw new ArgumentProblem(`"${name}" has to be a whole number from 1 to ${max}.`);
    },
    texts,
    optionalTexts: (name, bounds) => (value(name) === undefined ? undefined : texts(name, bounds)),
  };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'a text (do not put JSON in quotes)' : `a ${typeof value}`;
}
