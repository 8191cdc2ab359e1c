import type { MethodDefinition } from '@grpc/grpc-js';
import { decodeMessage, encodeMessage } from './message.ts';

/** `Mcp.Connect` of `proto/mcp.proto`; what travels is the JSON inside of `Message`. */
export const connectMethod: MethodDefinition<Uint8Array, Uint8Array> = {
  path: '/toolyard.mcp.v1.Mcp/Connect',
  originalName: 'connect',
  requestStream: true,
  responseStream: true,
  requestSerialize: encodeMessage,
  requestDeserialize: decodeMessage,
  responseSerialize: encodeMessage,
  responseDeserialize: decodeMessage,
};
