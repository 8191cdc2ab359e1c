import type { CacheInvalidation, CacheKey } from '@toolyard/protocol';
import { digest } from './digest.ts';

/** Where the answers to one key are, in names that say nothing about who asked for what. */
export interface Place {
  /** Of answers to this principal only. */
  readonly own: string;
  /** Of answers to everybody in the tenant. */
  readonly shared: string;
  readonly server: string;
  readonly topic: string;
  /** The request, whoever asks. */
  readonly request: string;
}

export function placeOf({ tenant, principal, server, topic, request }: CacheKey): Place {
  return {
    own: digest('own', tenant, principal, server, topic, request),
    shared: digest('shared', tenant, server, topic, request),
    server: serverTag(server),
    topic: topicTag(server, topic),
    request: digest('request', tenant, server, topic, request),
  };
}

/** What is to go, in the names of places. */
export type Drop =
  | { readonly all: true }
  | { readonly server: string }
  | { readonly topics: readonly Pick<Place, 'server' | 'topic'>[] }
  | { readonly place: Place };

export function dropOf(what: CacheInvalidation): Drop {
  if ('all' in what) return { all: true };
  if ('key' in what) return { place: placeOf(what.key) };
  const { server, topics } = what;
  const tag = serverTag(server);
  if (topics === undefined) return { server: tag };
  return { topics: topics.map((topic) => ({ server: tag, topic: topicTag(server, topic) })) };
}

function serverTag(server: string): string {
  return digest('server', server);
}

function topicTag(server: string, topic: string): string {
  return digest('topic', server, topic);
}
