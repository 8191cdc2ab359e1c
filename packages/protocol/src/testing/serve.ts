import type { Service } from '../service.ts';
import { createPipePair } from '../memory/pipe-pair.ts';
import { servePipe } from '../eras/pipe/serve-pipe.ts';
import type { PipeServeOptions, Serving } from '../eras/pipe/pipe-options.ts';
import { wireEnd, type WireEnd } from './wire-end.ts';

export interface ServeRig extends AsyncDisposable {
  readonly serving: Serving;
  /** The client's end. */
  readonly end: WireEnd;
}

/** Serves `service` to a client that the test plays. */
export function serveRig(service: Service, options: Partial<PipeServeOptions> = {}): ServeRig {
  const [near, far] = createPipePair();
  const end = wireEnd(far);
  const serving = servePipe(near, service, { serverInfo: { name: 'toolyard', version: '1.0.0' }, ...options });
  return { serving, end, [Symbol.asyncDispose]: () => serving.close() };
}

/** The `_meta` that every request of 2026-07-28 needs. */
export const modernMeta =
  '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';
