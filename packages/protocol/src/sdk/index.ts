export { fromSdkTransport, type FromSdkOptions } from './from-sdk-transport.ts';
export { toSdkTransport } from './to-sdk-transport.ts';
export type { SdkPipeTransport, SdkSendOptions, SdkTransport } from './sdk-transport.ts';
