import type { ErrorCode } from 'yaml';

/**
 * The YAML parser's findings in our words: its own messages may repeat a piece of the document, which may be a secret.
 */
const sentences: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (*name) cannot have an anchor or a tag of its own',
  BAD_ALIAS: 'this alias (*name) has no anchor (&name) before it; put text that starts with * in quotes',
  BAD_COLLECTION_TYPE: 'this tag does not fit what follows it',
  BAD_DIRECTIVE: 'this line starts with % like a YAML directive, and is not one',
  BAD_DQ_ESCAPE:
    'between double quotes, a backslash starts an escape, and this one is unknown; double it, or use single quotes',
  BAD_INDENT: 'this line is not indented like its neighbours',
  BAD_PROP_ORDER: 'anchors and tags must stand before the value they belong to',
  BAD_SCALAR_START: 'text cannot start with this character unless it is in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'there is a second ": " in this line; put the value in quotes, or on a line of its own',
  BLOCK_IN_FLOW: 'inside {…} or […] nothing can be written line by line',
  KEY_OVER_1024_CHARS: 'this key is longer than 1,024 characters',
  MISSING_CHAR:
    'something is missing before this: a colon after a key, a comma between entries, a space, or a closing quote or bracket',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line and be followed by a colon',
  MULTIPLE_ANCHORS: 'a value can have one anchor only',
  MULTIPLE_DOCS: 'a second document starts here (---); the file must be one document',
  MULTIPLE_TAGS: 'a value can have one tag only',
  NON_STRING_KEY: 'keys must be text',
  RESOURCE_EXHAUSTION: 'this is nested too deeply',
  TAB_AS_INDENT: 'this line is indented with a tab; YAML wants spaces',
  TAG_RESOLVE_FAILED: 'tags such as !name are not read here; remove it, or put text that starts with ! in quotes',
  UNEXPECTED_TOKEN: 'this does not belong here; is a quote, a colon or a line break missing before it?',
};

export function yamlMistake(code: ErrorCode): string {
  return sentences[code] ?? 'this is not YAML';
}
