// for users
export { httpTransport } from './transport.ts';
export type { HttpTransport } from './transport.ts';
export { httpHandler } from './serve/handler.ts';
export type { HttpHandler } from './serve/handler.ts';
export type { SsePaths } from './serve/sse-paths.ts';
export type {
  HttpEndpoint,
  HttpHandlerOptions,
  HttpListener,
  HttpServeOptions,
  HttpTransportOptions,
  MountedEndpoint,
  Principal,
} from './options.ts';
