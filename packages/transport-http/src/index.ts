// for users
export { httpTransport } from './transport.ts';
export type { HttpTransport } from './transport.ts';
export { httpHandler } from './handler.ts';
export type { HttpHandler } from './handler.ts';
export type { SsePaths } from './sse-paths.ts';
export type {
  HttpEndpoint,
  HttpHandlerOptions,
  HttpListener,
  HttpServeOptions,
  HttpTransportOptions,
  MountedEndpoint,
  Principal,
} from './options.ts';
