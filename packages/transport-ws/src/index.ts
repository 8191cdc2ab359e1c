// for users
export { wsTransport } from './transport.ts';
export type { WsTransport } from './transport.ts';
export { wsHandler } from './handler.ts';
export type { WsHandler } from './handler.ts';
export type { Principal, WsHandlerOptions, WsServeOptions, WsSocketOptions, WsTransportOptions } from './options.ts';
