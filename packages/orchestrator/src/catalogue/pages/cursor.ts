import { createHmac, timingSafeEqual } from 'node:crypto';
import { ToolyardError } from '@toolyard/protocol';
import { kinds } from '../kinds.ts';
import type { Kind } from '../kinds.ts';

/** Where a page of an aggregated list begins. */
export interface Position {
  /** The server, by its place in the configuration. */
  readonly server: number;
  /** The entry among those of this server. */
  readonly entry: number;
}

/** Turns positions into cursors for callers and back. */
export interface Cursors {
  /** `revision` is the fingerprint of the list that the page before was cut from. */
  write(kind: Kind, revision: string, position: Position): string;
  /** Throws `CURSOR_INVALID` for anything that `write` did not make for this list. */
  read(kind: Kind, cursor: string): Position & { readonly sameRevision: (revision: string) => boolean };
}

const payloadBytes = 15;
const macBytes = 16;
const cursorForm = /^[A-Za-z0-9_-]{42}$/;

/**
 * Cursors of 42 characters: which list, 64 bits of its revision, the position, and 128 bits of an HMAC-SHA-256 over them.
 * Every process that knows `key` reads them; nobody else makes one, and none is good under another `scope`.
 */
export function createCursors(key: Uint8Array, scope = ''): Cursors {
  const macOf = (payload: Uint8Array): Buffer =>
    createHmac('sha256', key).update(scope).update(payload).digest().subarray(0, macBytes);
  return {
    write(kind, revision, position) {
      const payload = Buffer.alloc(payloadBytes);
      payload.writeUInt8(kinds.indexOf(kind), 0);
      shortRevision(revision).copy(payload, 1);
      payload.writeUInt16BE(position.server, 9);
      payload.writeUInt32BE(position.entry, 11);
      return Buffer.concat([payload, macOf(payload)]).toString('base64url');
    },
    read(kind, cursor) {
      const bytes = cursorForm.test(cursor) ? Buffer.from(cursor, 'base64url') : undefined;
      const payload = bytes?.subarray(0, payloadBytes);
      if (bytes === undefined || payload === undefined || bytes.toString('base64url') !== cursor) throw invalid();
      if (!timingSafeEqual(bytes.subarray(payloadBytes), macOf(payload))) throw invalid();
      if (kinds[payload.readUInt8(0)] !== kind) throw invalid();
      return {
        server: payload.readUInt16BE(9),
        entry: payload.readUInt32BE(11),
        sameRevision: (revision) => shortRevision(revision).equals(payload.subarray(1, 9)),
      };
    },
  };
}

function shortRevision(revision: string): Buffer {
  return Buffer.from(revision, 'base64url').subarray(0, 8);
}

function invalid(): ToolyardError {
  return new ToolyardError(
    'CURSOR_INVALID',
    {},
    'The cursor is not one that this list gave out. Start again without one.',
  );
}
