// for users
export { grpcTransport } from './transport.ts';
export type {
  GrpcClientTls,
  GrpcMetadata,
  GrpcPeer,
  GrpcServeOptions,
  GrpcServerTls,
  GrpcTransport,
  GrpcTransportOptions,
  Pem,
  Principal,
} from './options.ts';
