import { RawObject } from '@toolyard/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { filterOf, resourceTopic, taskTopic, topicsIn, topicsOf, updateOf } from './topics.ts';

it.each([
  [
    'memo://a/b?q#c',
    ['memo://a/b?q#c', 'memo://a/b?q', 'memo://a/b', 'memo://a/', 'memo://a', 'memo://', 'memo:/', 'memo:'],
  ],
  ['a:1', ['a:1']],
  ['a:1/', ['a:1/', 'a:1']],
  ['/', ['/']],
  ['', ['']],
])('an update of %j is about these', (uri, uris) => {
  expect(topicsOf(updateOf(uri))).toEqual(uris.map(resourceTopic));
});

it('looks at so many parts of a URI at most', () => {
  expect(topicsOf(updateOf('/'.repeat(100_000))).length).toBeLessThanOrEqual(66);
});

it('is about nothing where the notification is not in order', () => {
  const twice = RawObject.read(Buffer.from('{"uri":"a:1","uri":"a:2"}'));
  expect(topicsOf({ method: 'notifications/resources/updated', params: twice })).toEqual([]);
  expect(topicsOf({ method: 'notifications/tasks', params: RawObject.of({ taskId: 7 }) })).toEqual([]);
  expect(topicsOf({ method: 'notifications/other', params: RawObject.of({ uri: 'a:1' }) })).toEqual([]);
});

it('reads from an acknowledgement what a filter asked for', () => {
  const topics = fc.array(fc.oneof(fc.string().map(resourceTopic), fc.string().map(taskTopic)));
  fc.assert(
    fc.property(topics, (some) => {
      expect(topicsIn(filterOf(some))).toEqual(new Set(some));
    }),
  );
});
