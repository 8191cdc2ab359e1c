import { expect, it } from 'vitest';
import { segments } from './segments.ts';

it.each([
  ['Read a file', ['Read a file']],
  [
    'Book a flight to Rome. Then find me a hotel near the station!',
    ['Book a flight to Rome', 'find me a hotel near the station'],
  ],
  ['Resize the picture and then send it to Ann by mail', ['Resize the picture', 'send it to Ann by mail']],
  ['What is 3.5 times 2.1 in version 1.2.3?', ['What is 3.5 times 2.1 in version 1.2.3']],
  [
    '发送邮件给张三和李四以及王五。然后删除所有旧的文件和图片',
    ['发送邮件给张三和李四以及王五', '然后删除所有旧的文件和图片'],
  ],
  ['', []],
])('parts %j', (query, expected) => {
  expect(segments(query)).toEqual(expected);
});

it('gives at most eight, whatever the query', () => {
  const many = segments('Look this up for me at once. '.repeat(500));
  expect(many).toHaveLength(8);
});
