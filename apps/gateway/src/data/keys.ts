import { hkdfSync, type KeyObject } from 'node:crypto';

/** Keys of 32 bytes, each for one purpose. */
export interface GatewayKeys {
  /** Signs the cursors of lists. */
  readonly cursors: Uint8Array;
  /** Seals the ids of tasks. */
  readonly tasks: Uint8Array;
  /** Seals the `requestState` of calls that wait for an answer of their caller. */
  readonly parking: Uint8Array;
}

/** Derives them from one secret with HKDF-SHA256 (RFC 5869); who knows one of them learns nothing of the others. */
export function deriveKeys(secret: KeyObject): GatewayKeys {
  const derive = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), `toolyard gateway/1: ${purpose}`, 32));
  return { cursors: derive('cursors'), tasks: derive('tasks'), parking: derive('parking') };
}
