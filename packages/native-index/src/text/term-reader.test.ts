import { describe, expect, it } from 'vitest';
import { createTermReader } from './term-reader.ts';

const terms = (text: string): readonly string[] => createTermReader().read(text, 10_000);

describe('terms', () => {
  it.each([
    ['listAllRepoNames', ['list', 'repo', 'name']],
    ['get_HTTPResponse-code', ['get', 'http', 'respons', 'httprespons', 'code']],
    ['GitHub', ['git', 'hub', 'github']],
    ['getV2Users', ['get', 'v', '2', 'user']],
    ['Creating creates created', ['creat', 'creat', 'creat']],
    ['Could you please find the file?', ['find', 'file']],
    ['Café crème brûlée', ['cafe', 'creme', 'brule']],
    ['ﬁle №５', ['file', '5', 'no5']],
    ['файлы и папки', ['файлы', 'и', 'папки']],
    ['डेटाबेस', ['डेटाबेस']],
    ['删除文件', ['删除', '除文', '文件']],
    ['ファイルを削除するAPI', ['ファ', 'ァイ', 'イル', 'ルを', 'を削', '削除', '除す', 'する', 'api']],
    ['constructor __proto__ hasOwnProperty', ['constructor', 'proto', 'properti']],
    ['\ud800 lone \udc00 surrogates', ['lone', 'surrog']],
  ])('reads %j', (text, expected) => {
    expect(terms(text)).toEqual(expected);
  });

  it('joins neighbouring words, as people write names both ways', () => {
    expect(createTermReader().readJoined('the key vault', 100)).toEqual(['keyvault']);
  });

  it('reads no further than it is told, and cuts words that nobody types', () => {
    expect(createTermReader().read('one two three', 7)).toEqual(['on', 'two']);
    expect(terms('9'.repeat(1000))).toEqual(['9'.repeat(40)]);
  });
});
