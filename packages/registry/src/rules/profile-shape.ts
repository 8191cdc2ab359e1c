import { z } from 'zod';

import { type ProfileDefinition, profileModes } from '../definition/profile-definition.ts';
import { listOf, mapOf, oneOf, text, wholeNumber } from './fields.ts';

export interface ProfileShape extends Omit<ProfileDefinition, 'name' | 'describe'> {
  readonly describe?: Readonly<Record<string, string | { readonly title?: string; readonly description?: string }>>;
}

const patternFields = {
  include: listOf('patterns of names').exactOptional(),
  exclude: listOf('patterns of names').exactOptional(),
};

const wordingFields = { title: text('a text').exactOptional(), description: text('a text').exactOptional() };
const wordingError = 'a text (the description), or a mapping with "title" and "description"';

const profileFields = {
  servers: listOf('ids of servers').exactOptional(),
  tags: listOf('tags of servers').exactOptional(),
  tools: z.strictObject(patternFields, { error: 'a mapping with "include" and "exclude"' }).exactOptional(),
  rename: mapOf('names of tools to new names', 'files__read_file: "read"').exactOptional(),
  describe: z
    .record(z.string(), z.union([text(wordingError), z.strictObject(wordingFields)], { error: wordingError }), {
      error: 'a mapping of names of tools to descriptions',
    })
    .exactOptional(),
  pin: listOf('names of tools').exactOptional(),
  mode: oneOf(profileModes).exactOptional(),
  searchBudgetTokens: wholeNumber(1, 1_000_000, 'tokens').exactOptional(),
};

export const profile: z.ZodType<ProfileShape> = z.strictObject(profileFields, {
  error: 'a mapping that says what is shown, such as {servers: [files]}',
});

/** The keys that may stand at each place of a profile, for suggestions. */
export const profileKeys: Readonly<Record<'profile' | 'patterns' | 'wording', readonly string[]>> = {
  profile: Object.keys(profileFields),
  patterns: Object.keys(patternFields),
  wording: Object.keys(wordingFields),
};
