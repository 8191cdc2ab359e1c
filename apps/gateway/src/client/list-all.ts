import { type RawJson, RawObject } from '@toolyard/protocol';

import type { GatewayClient } from './gateway-client.ts';

/** Pages of one list at most; a gateway that never ends is not worth waiting for. */
const maxPages = 1_000;

export interface ListAllOptions {
  /** Sent with each page. */
  readonly params?: RawObject;
  readonly signal?: AbortSignal;
}

/** All entries of a list, verbatim, page after page. */
export async function listAll(
  client: GatewayClient,
  method: string,
  member: string,
  { params = RawObject.empty, signal }: ListAllOptions = {},
): Promise<readonly RawObject[]> {
  const entries: RawObject[] = [];
  let cursor: RawJson | undefined;
  for (let page = 0; page < maxPages; page++) {
    const asked = cursor === undefined ? params : params.with('cursor', cursor);
    const result = await client.call(method, asked, signal && { signal });
    for (const entry of result.array(member) ?? []) if (entry instanceof RawObject) entries.push(entry);
    cursor = result.member('nextCursor');
    if (cursor === undefined || cursor.text === 'null') break;
  }
  return entries;
}
