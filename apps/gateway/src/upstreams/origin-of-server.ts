import { type ServerDefinition, targetsOf } from '@toolyard/registry';

/** Scheme, host and port of a server with one URL; paths and queries of URLs can be secrets. `undefined` also where `{port}` is not known before it is started. */
export function originOfServer({ target }: Pick<ServerDefinition, 'target'>): string | undefined {
  const [first, ...others] = targetsOf(target);
  if (others.length > 0 || !('url' in first)) return undefined;
  const url = URL.parse(first.url);
  return url === null ? undefined : `${url.protocol}//${url.host}`;
}
