import type { Call, Connection, ConnectOptions, RequestEnvelope, ServeOptions, Service } from '@toolyard/protocol';
import {
  createCall,
  encodeError,
  encodeRequest,
  encodeResult,
  RawObject,
  readEnvelope,
  ToolyardError,
} from '@toolyard/protocol';
import { expect } from 'vitest';
import type { RawPeer, RawServer, Served, TransportRig } from './rig.ts';

export const serveDefaults: ServeOptions = { serverInfo: { name: 'contract-server', version: '1.0.0' } };
export const connectDefaults: ConnectOptions = {
  upstream: 'upstream',
  clientInfo: { name: 'contract-client', version: '1.0.0' },
};

const discovery = RawObject.of({
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: {
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { listChanged: true, subscribe: true },
    logging: {},
  },
  ttlMs: 0,
  cacheScope: 'private',
});

/** A service that can be discovered, and leaves the rest to `service`. */
export function discoverable(service: Service): Service {
  return async (call) => (call.method === 'server/discover' ? { result: discovery } : service(call));
}

/** Answers a tool call with its arguments as text. */
export const echo: Service = async ({ params }) => textReply(params.member('arguments')?.text ?? '');

export function textReply(text: string): { readonly result: RawObject } {
  return { result: RawObject.of({ resultType: 'complete', content: [{ type: 'text', text }] }) };
}

export function textOf(result: RawObject): string {
  const [first] = result.array('content') ?? [];
  const block = first?.value;
  return typeof block === 'object' && block !== null && 'text' in block ? String(block.text) : '';
}

export interface Link extends AsyncDisposable {
  readonly connection: Connection;
  readonly served: Served;
}

/** A service that is served and connected to. */
export async function link(
  rig: TransportRig,
  service: Service,
  options: { readonly serve?: Partial<ServeOptions>; readonly connect?: Partial<ConnectOptions> } = {},
): Promise<Link> {
  const served = await rig.listen(discoverable(service), { ...serveDefaults, ...options.serve });
  const connection = await rig.transport.connect(served.target, { ...connectDefaults, ...options.connect });
  return {
    connection,
    served,
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      await served.close();
    },
  };
}

export function makeCall(method: string, params: RawObject, more: Partial<Call> = {}): Call {
  return { ...createCall(method, { params }), ...more };
}

export function toolCall(name: string, args: Readonly<Record<string, unknown>> = {}, more: Partial<Call> = {}): Call {
  return makeCall('tools/call', RawObject.of({ name, arguments: args }), more);
}

/** A request of 2026-07-28 as a foreign client would write it. */
export function rawRequest(
  id: number,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  meta: Readonly<Record<string, unknown>> = {},
): Uint8Array {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    ...meta,
  };
  return encodeRequest(String(id), method, RawObject.of({ ...params, _meta }));
}

/** A foreign server of 2026-07-28 that can be discovered; the other requests are the script's. */
export function rawServer(script: (request: RequestEnvelope, peer: RawPeer) => void): RawServer {
  return (message, peer) => {
    const envelope = readEnvelope(message);
    if (envelope.kind !== 'request') return;
    if (envelope.method === 'server/discover') peer.send(encodeResult(envelope.id, discovery));
    else script(envelope, peer);
  };
}

/** A foreign server of 2025-11-25 that sessions can be opened with; the other requests are the script's. */
export function rawOlderServer(script: (request: RequestEnvelope, peer: RawPeer) => void): RawServer {
  const unknown = RawObject.of({ code: -32601, message: 'Method not found' });
  const hello = RawObject.of({
    protocolVersion: '2025-11-25',
    capabilities: {},
    serverInfo: { name: 's', version: '1' },
  });
  return (message, peer) => {
    const envelope = readEnvelope(message);
    if (envelope.kind !== 'request') return;
    if (envelope.method === 'server/discover') peer.send(encodeError(envelope.id, unknown));
    else if (envelope.method === 'initialize') peer.send(encodeResult(envelope.id, hello));
    else script(envelope, peer);
  };
}

export function rawEcho({ id, params }: RequestEnvelope, peer: RawPeer): void {
  peer.send(encodeResult(id, textReply(params.member('arguments')?.text ?? '').result));
}

/** Settles as the promise does, or rejects when it takes longer: no case may hang. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} took more than ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The error that a promise rejects with, soon; fails when it resolves, or rejects with anything but a `ToolyardError`. */
export async function codedError(promise: Promise<unknown>, ms = 5_000): Promise<ToolyardError> {
  const error = await within(
    ms,
    'a rejection',
    promise.then(
      (value) => new Error(`resolved with ${String(value)}`),
      (caught: unknown) => caught,
    ),
  );
  if (!ToolyardError.is(error)) expect.fail(`expected a ToolyardError, got ${String(error)}`);
  return error;
}

/** Resolves when the signal aborts, with its reason. */
export function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}

/** A service that never answers by itself, and a way to see the calls that came. */
export function holding(): {
  readonly service: Service;
  readonly arrived: (count: number) => Promise<readonly Call[]>;
} {
  const calls: Call[] = [];
  const waiting = new Set<() => void>();
  return {
    service: async (call) => {
      calls.push(call);
      for (const look of waiting) look();
      throw await aborted(call.signal);
    },
    arrived: (count) =>
      within(
        5_000,
        `the arrival of ${count} calls`,
        new Promise((resolve) => {
          const look = (): void => {
            if (calls.length < count) return;
            waiting.delete(look);
            resolve(calls);
          };
          waiting.add(look);
          look();
        }),
      ),
  };
}
