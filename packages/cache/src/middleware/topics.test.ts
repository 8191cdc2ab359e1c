import { RawObject } from '@toolyard/protocol';
import { expect, it } from 'vitest';
import { invalidationOf, topicOf } from './topics.ts';

it.each([
  ['notifications/tools/list_changed', {}, { server: 's', topics: ['tools/list', 'tools/call'] }],
  ['notifications/prompts/list_changed', {}, { server: 's', topics: ['prompts/list'] }],
  ['notifications/resources/list_changed', {}, { server: 's', topics: ['resources/list', 'resources/templates/list'] }],
  ['notifications/resources/updated', {}, { server: 's' }],
  ['notifications/progress', { progressToken: 1 }, undefined],
])('%s drops what it makes old', (method, params, dropped) => {
  expect(invalidationOf('s', { method, params: RawObject.of(params) })).toEqual(dropped);
});

it('an updated resource drops the reading of it and of the folders that it is in', () => {
  const params = RawObject.of({ uri: 'file:///a/b.md' });
  const dropped = invalidationOf('s', { method: 'notifications/resources/updated', params });
  const read = (uri: string): string | undefined => topicOf('resources/read', RawObject.of({ uri }));
  const topics = dropped !== undefined && 'topics' in dropped ? dropped.topics : [];
  expect(topics).toEqual(expect.arrayContaining(['file:///a/b.md', 'file:///a/', 'file:///a'].map(read)));
  expect(topics).not.toContain(read('file:///a/b'));
  expect(topics).not.toContain(read('file:///b.md'));
});

it('a URI of a thousand folders drops a bounded number of them, the nearest first', () => {
  const uri = `x:${'/a'.repeat(1_000)}`;
  const dropped = invalidationOf('s', { method: 'notifications/resources/updated', params: RawObject.of({ uri }) });
  const topics = dropped !== undefined && 'topics' in dropped ? (dropped.topics ?? []) : [];
  expect(topics.length).toBeLessThanOrEqual(33);
  expect(topics).toContain(`resources/read ${uri.slice(0, -2)}`);
});

it.each(['prompts/get', 'completion/complete', 'subscriptions/listen', 'tasks/get', 'x/y', 'constructor'])(
  '%s has no topic',
  (method) => {
    expect(topicOf(method, RawObject.empty)).toBeUndefined();
  },
);

it('a URI that is longer than any is neither kept nor taken apart', () => {
  const params = RawObject.of({ uri: `x:${'/a'.repeat(5_000)}` });
  expect(topicOf('resources/read', params)).toBeUndefined();
  expect(invalidationOf('s', { method: 'notifications/resources/updated', params })).toEqual({ server: 's' });
});
