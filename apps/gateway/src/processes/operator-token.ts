import { hkdfSync, type KeyObject } from 'node:crypto';

import { dataSecret } from '../data/data-secret.ts';

/**
 * What proves that somebody may read the gateway's data folder: derived from the secret there (HKDF-SHA256, RFC 5869), of which it tells nothing. `undefined`
 * where there is none that lasts.
 */
export async function operatorToken(folder: string): Promise<string | undefined> {
  const found = await dataSecret(folder).catch(() => undefined);
  return found === undefined || found.lost !== undefined ? undefined : tokenOf(found.secret);
}

function tokenOf(secret: KeyObject): string {
  const bytes = hkdfSync('sha256', secret, new Uint8Array(), 'toolyard gateway/1: operator', 32);
  return Buffer.from(bytes).toString('base64url');
}
