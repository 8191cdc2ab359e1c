import type { Service } from '@toolyard/protocol';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Kind } from '../catalogue/kinds.ts';
import type { ListPageOptions } from '../catalogue/pages/list-page.ts';
import { listPage } from '../catalogue/pages/list-page.ts';
import { invalidParams } from './request.ts';

/** Answers one of the four lists from the catalogue. */
export function answerList(kind: Kind, catalogue: Catalogue, options: ListPageOptions): Service {
  return (call) => {
    const cursor = call.params.string('cursor');
    if (cursor === undefined && (call.params.member('cursor')?.value ?? null) !== null) {
      return Promise.reject(invalidParams('A cursor is a string.'));
    }
    return Promise.resolve({ result: listPage(kind, catalogue.current, cursor, options) });
  };
}
