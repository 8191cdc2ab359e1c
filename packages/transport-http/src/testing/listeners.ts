import type { Call, Reply, Service } from '@toolyard/protocol';
import type { HttpListener, HttpServeOptions } from '../options.ts';
import { httpTransport } from '../transport.ts';
import { serverInfo, serviceOf, textReply } from './calls.ts';

/** Serves over HTTP; if nothing else, then the tool `echo`. */
export function serve(
  service: Service = serviceOf({ echo }),
  options: Partial<HttpServeOptions> = {},
): Promise<HttpListener> {
  return httpTransport().serve(service, { serverInfo, ...options });
}

/** A tool that answers with the text it is given. */
export function echo(call: Call): Reply {
  return textReply(call.params.object('arguments')?.string('text') ?? '');
}
