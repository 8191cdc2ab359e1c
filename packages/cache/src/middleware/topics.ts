import type { CacheInvalidation, Notification, RawObject } from '@toolyard/protocol';

/** What a request is about, in the words in which its server's notifications drop it; `undefined` for what is never kept. */
export function topicOf(method: string, params: RawObject): string | undefined {
  if (plain.has(method)) return method;
  if (method !== 'resources/read') return undefined;
  const uri = params.string('uri');
  return uri === undefined || uri.length > maxUriLength ? undefined : readTopic(uri);
}

/** What is read under a longer one is not kept. */
const maxUriLength = 8_192;

const plain: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'tools/call',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
]);

/**
 * What a notification of a server makes old; `undefined` for one that says nothing of the kind. `cached` sees those that pass through it on
 * `subscriptions/listen`; this is for whoever hears of them elsewhere.
 */
export function invalidationOf(server: string, { method, params }: Notification): CacheInvalidation | undefined {
  switch (method) {
    case 'notifications/tools/list_changed':
      // A tool that is another one now may answer otherwise.
      return { server, topics: ['tools/list', 'tools/call'] };
    case 'notifications/prompts/list_changed':
      return { server, topics: ['prompts/list'] };
    case 'notifications/resources/list_changed':
      return { server, topics: ['resources/list', 'resources/templates/list'] };
    case 'notifications/resources/updated': {
      const uri = params.string('uri');
      return uri === undefined || uri.length > maxUriLength
        ? { server }
        : { server, topics: withAncestors(uri).map(readTopic) };
    }
    default:
      return undefined;
  }
}

function readTopic(uri: string): string {
  return `resources/read ${uri}`;
}

const maxAncestors = 32;

/** The URI may be that of a part of what was read (spec: subscriptions): folders above it count as changed too, with and without their last slash. */
function withAncestors(uri: string): readonly string[] {
  const found = [uri];
  for (let end = uri.lastIndexOf('/'); end > 0 && found.length < maxAncestors; end = uri.lastIndexOf('/', end - 1)) {
    found.push(uri.slice(0, end + 1), uri.slice(0, end));
  }
  return found;
}
