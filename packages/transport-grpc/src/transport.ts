import {
  checkNumbers,
  countOf,
  createParking,
  EraMemory,
  millisecondsFrom,
  type Target,
  ToolyardError,
} from '@toolyard/protocol';
import { isGrpc } from './connect/address.ts';
import type { GrpcTransport, GrpcTransportOptions } from './options.ts';

const rules = {
  keepAliveMs: millisecondsFrom(1),
  keepAliveTimeoutMs: millisecondsFrom(1),
  maxSentBytes: countOf('bytes'),
  closeMs: millisecondsFrom(0),
  probeTimeoutMs: millisecondsFrom(1),
};

/**
 * Makes the transport for `grpc://host:port` and `grpcs://host:port`: JSON-RPC messages on a bidirectional gRPC stream, both roles, every revision.
 * gRPC itself is loaded when it is first used: it is large, and most gateways have no such server.
 */
export function grpcTransport(options: GrpcTransportOptions = {}): GrpcTransport {
  checkNumbers('a gRPC transport', options, rules);
  const parking = options.parking ?? createParking();
  const eras = new EraMemory();
  return {
    contract: 'transport/1',
    name: 'grpc',
    accepts: isGrpc,
    connect: async (target, given) => {
      if (!isGrpc(target)) throw unknownTarget(target);
      const { connectGrpc } = await import('./connect/connect-grpc.ts');
      return connectGrpc(target, given, { ...options, parking, eras });
    },
    serve: async (service, given) => {
      const { serveGrpc } = await import('./serve/serve-grpc.ts');
      return serveGrpc(service, given);
    },
  };
}

function unknownTarget(target: Target): ToolyardError<'TRANSPORT_UNKNOWN'> {
  const where = 'url' in target ? target.url : target.command;
  const facts = { target: where, known: ['grpc:', 'grpcs:'] };
  return new ToolyardError('TRANSPORT_UNKNOWN', facts, `gRPC does not reach ${where}.`);
}
