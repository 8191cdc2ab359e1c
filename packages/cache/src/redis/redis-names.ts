import type { Place } from '../keys/place.ts';

/** What things are called in Redis. The number is the version of what they hold. */
export interface RedisNames {
  readonly channel: string;
  readonly everything: string;
  entry(slot: string): string;
  server(tag: string): string;
  topic(place: Pick<Place, 'server' | 'topic'>): string;
  request(place: Place): string;
}

export function redisNames(prefix: string): RedisNames {
  const name = (...parts: readonly string[]): string => [prefix, '1', ...parts].join(':');
  return {
    channel: name('drops'),
    everything: name('token'),
    entry: (slot) => name('entry', slot),
    server: (tag) => name('token', 'server', tag),
    // Topics without number (each resource is one) share 4,096 tokens a server, so that tokens stay few: a drop now and then takes a stranger along.
    topic: ({ server, topic }) => name('token', 'topic', server, topic.slice(0, 2)),
    request: ({ request }) => name('token', 'request', request),
  };
}
