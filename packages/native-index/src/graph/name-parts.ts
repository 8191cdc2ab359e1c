import { stemmer } from 'stemmer';
import { runsOf, splitRun } from '../text/split-run.ts';

const maxNameLength = 256;
const maxWords = 16;

/** What a tool may do to a thing, as bits. */
export const doing = {
  get: 1,
  create: 2,
  update: 4,
  delete: 8,
  compute: 16,
  validate: 32,
  login: 64,
  other: 128,
} as const;

/** What a tool's name says. Words are lower-case stems. */
export interface NameParts {
  readonly words: readonly string[];
  /** Bits of `doing`; 0 when no word is a verb. */
  readonly kinds: number;
  /** What it acts on: `date`, `current` taken off, of `get_current_date`. Empty for a name without a noun. */
  readonly object: string;
  /** The same with what was taken off. */
  readonly wholeObject: string;
  /** It speaks of what is so here and now, or of whoever asks. */
  readonly ambient: boolean;
  /** For a login: whose it is, `acme` of `login_to_acme_account`. */
  readonly account: string;
}

/** Reads names as people put them together. Remembers nothing of them. */
export interface NameReader {
  words(text: string): readonly string[];
  parts(name: string): NameParts;
}

const here = stems('current system my user me local device host own');
const fillers = stems(
  'all new latest default available desired given specific single multiple list details detail info information data',
);
const joints = new Set('by for from of in with to on at via using into as and or per within between'.split(' '));
const verbs: ReadonlyMap<string, number> = new Map(
  (
    [
      [
        doing.get,
        'get list show fetch retrieve find search view display describe query lookup check read see browse enumerate inspect obtain lookup',
      ],
      [doing.create, 'create add make new insert generate build register provision compose draft'],
      [doing.update, 'update edit modify change set rename configure alter adjust replace patch upgrade'],
      [doing.delete, 'delete remove drop clear cancel erase destroy purge uninstall unregister discard'],
      [doing.compute, 'calculate compute estimate predict count sum convert measure evaluate analyze'],
      [doing.validate, 'validate verify'],
      [
        doing.other,
        'send post publish share notify upload submit run execute start launch trigger stop pause halt disable book reserve schedule order buy',
      ],
    ] as const
  ).flatMap(([kind, words]) => [...stems(words)].map((word) => [word, kind] as const)),
);
const signing = stems('login signin logon authenticate');
const accountFillers = new Set([
  ...stems('login signin logon log sign authenticate authentication user account session customer'),
  'in',
  'on',
  ...joints,
]);

export function createNameReader(): NameReader {
  return { words: wordsOf, parts: (name) => partsOf(wordsOf(name)) };
}

function partsOf(words: readonly string[]): NameParts {
  if (isLogin(words)) {
    const account = words.filter((word) => !accountFillers.has(word)).join(' ');
    return { words, kinds: doing.login, object: '', wholeObject: '', ambient: false, account };
  }
  const kinds = words.map((word) => verbs.get(word) ?? 0);
  const plain = doing.get | doing.create | doing.update | doing.delete | doing.validate;
  let at = kinds.findIndex((kind) => (kind & plain) !== 0);
  if (at < 0) at = kinds.findIndex((kind) => kind !== 0);
  // `table_list` has its verb last.
  let object = upToJoint(words.slice(at + 1));
  if (object.length === 0 && at > 0) object = words.slice(0, at);
  const short = object.filter((word) => !here.has(word) && !fillers.has(word));
  return {
    words,
    kinds: at < 0 ? 0 : (kinds[at] ?? 0),
    object: short.join(' '),
    wholeObject: object.join(' '),
    ambient: object.some((word) => here.has(word)),
    account: '',
  };
}

function upToJoint(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => !joints.has(word));
  if (start < 0) return [];
  const end = words.findIndex((word, at) => at > start && joints.has(word));
  return words.slice(start, end < 0 ? undefined : end);
}

function isLogin(words: readonly string[]): boolean {
  if (words.some((word) => signing.has(word))) return true;
  const at = words.findIndex((word) => word === 'log' || word === 'sign');
  return at >= 0 && words[at + 1] === 'in';
}

function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const run of runsOf(text.slice(0, maxNameLength))) {
    for (const word of splitRun(run)) {
      if (words.length === maxWords) return words;
      words.push(stemOf(word));
    }
  }
  return words;
}

/** Words as `NameReader` gives them. */
export function stems(text: string): ReadonlySet<string> {
  return new Set(
    text
      .trim()
      .split(/\s+/)
      .map((word) => stemOf(word)),
  );
}

function stemOf(word: string): string {
  const lower = word.toLowerCase();
  return /^[a-z]{3,}$/.test(lower) ? stemmer(lower) : lower;
}
