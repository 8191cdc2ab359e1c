import {
  type Connection,
  createCall,
  type Notification,
  RawObject,
  ToolyardError,
  type Transport,
} from '@toolyard/protocol';

import { notServed } from './endpoint.ts';
import { answerWithinMs, noAnswer } from './no-answer.ts';

/** A running gateway as the commands see it: our own transport, and one call after the other. */
export interface GatewayClient extends AsyncDisposable {
  call(method: string, params: RawObject, options?: AskOptions): Promise<RawObject>;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Progress and log messages of the call. */
  readonly onNotification?: (notification: Notification) => void;
}

export interface ClientOptions {
  readonly endpoint: URL;
  readonly transport: Transport;
  readonly version: string;
  readonly signal?: AbortSignal;
}

/** Rejects with exit code 69 where no gateway answers. */
export async function connectGateway({ endpoint, transport, version, signal }: ClientOptions): Promise<GatewayClient> {
  const clientInfo = { name: 'toolyard-cli', version };
  const connection = await transport
    .connect(
      { url: endpoint.href },
      {
        upstream: 'gateway',
        clientInfo,
        connectTimeoutMs: answerWithinMs,
        ...(signal === undefined ? {} : { signal }),
      },
    )
    .catch(async (error: unknown) => {
      if (ToolyardError.is(error, 'CANCELLED')) throw error;
      throw ToolyardError.is(error, 'UPSTREAM_STATUS') && error.facts.status === 404
        ? notServed(endpoint, error)
        : await noAnswer(endpoint, error);
    });
  return {
    call: (method, params, options = {}) => call(connection, RawObject.of(clientInfo), method, params, options),
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

async function call(
  { service }: Connection,
  clientInfo: RawObject,
  method: string,
  params: RawObject,
  { signal, onNotification }: AskOptions,
): Promise<RawObject> {
  const { result } = await service(
    createCall(method, {
      params,
      caller: { principal: 'cli', clientInfo },
      ...(signal !== undefined && { signal }),
      ...(onNotification !== undefined && { progressToken: 'cli', logLevel: 'info', notify: onNotification }),
    }),
  );
  return result;
}
