import { stemmer } from 'stemmer';

/** What one can do to a thing, and the plain English words for it. */
const kinds = [
  'get list show fetch retrieve find search view display describe query lookup check read see browse enumerate inspect obtain',
  'create add make new insert generate build register provision compose draft',
  'update edit modify change set rename configure alter adjust replace patch upgrade',
  'delete remove drop clear cancel erase destroy purge uninstall unregister discard',
  'send post publish share notify forward upload submit reply',
  'run execute start launch trigger invoke play begin perform',
  'stop pause halt terminate disable kill close end abort',
  'calculate compute estimate predict count sum convert measure evaluate analyze',
  'book reserve schedule order buy purchase plan',
];

/** The kinds of doing that a term stands for, a bit each, in the order above; 0 for a term that is no such verb. */
export type VerbKinds = (term: string) => number;

export function createVerbKinds(): VerbKinds {
  const bits = new Map<string, number>();
  kinds.forEach((words, kind) => {
    for (const word of words.split(' ')) bits.set(stemmer(word), 1 << kind);
  });
  return (term) => bits.get(term) ?? 0;
}
