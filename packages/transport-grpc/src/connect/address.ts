import { type Target, ToolyardError } from '@toolyard/protocol';

/** Where a server is, as gRPC is told. */
export interface Address {
  /** Resolved by DNS: `dns:example.com:443`. */
  readonly target: string;
  /** `grpc://example.com:443`, without anything that the URL may hold besides. */
  readonly shown: string;
  readonly secure: boolean;
}

const defaultPorts: Readonly<Record<string, string>> = { 'grpc:': '80', 'grpcs:': '443' };

/** Whether a target is for this transport, whatever else may be wrong with it. */
export function isGrpc(target: Target): target is Extract<Target, { url: string }> {
  return 'url' in target && target.start === undefined && /^grpcs?:\/\//i.test(target.url);
}

/** Throws `UPSTREAM_UNREACHABLE` for an address that can lead nowhere. */
export function readAddress(url: string, upstream: string): Address {
  const { protocol = '', hostname = '', port = '', pathname = '', search = '' } = URL.parse(url) ?? {};
  const fallback = defaultPorts[protocol];
  if (fallback === undefined || hostname === '') throw useless(upstream, 'is no URL like grpc://host:port');
  if (!/^\/?$/.test(pathname) || search !== '') throw useless(upstream, 'has a path, and gRPC knows none');
  const at = `${hostname}:${port === '' ? fallback : port}`;
  return { target: `dns:${at}`, shown: `${protocol}//${at}`, secure: protocol === 'grpcs:' };
}

function useless(upstream: string, why: string): ToolyardError<'UPSTREAM_UNREACHABLE'> {
  return new ToolyardError('UPSTREAM_UNREACHABLE', { upstream }, `The address of ${upstream} ${why}.`);
}
