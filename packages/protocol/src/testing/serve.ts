import type { Call } from '../call.ts';
import type { Reply } from '../reply.ts';
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

/** Answers each call when the test says so. */
export function held(): { service: Service; calls: Call[]; replies: PromiseWithResolvers<Reply>[] } {
  const calls: Call[] = [];
  const replies: PromiseWithResolvers<Reply>[] = [];
  return {
    calls,
    replies,
    service(call) {
      const reply = Promise.withResolvers<Reply>();
      calls.push(call);
      replies.push(reply);
      return reply.promise;
    },
  };
}
