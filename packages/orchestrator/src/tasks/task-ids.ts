import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { Caller } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';

/** A task as its server knows it. */
export interface TaskPlace {
  /** The id of the server. */
  readonly upstream: string;
  readonly taskId: string;
}

/** Turns the ids that servers give their tasks into ids for callers, and back. */
export interface TaskIds {
  /** The same id each time for the same task and caller. Throws `UPSTREAM_MALFORMED` for an id that cannot be carried: over 1,024 bytes, or no Unicode. */
  write(caller: Owner, place: TaskPlace): string;
  /** `undefined` for anything that `write` did not make for this caller. */
  read(caller: Owner, id: string): TaskPlace | undefined;
}

/** Whose task it is: nobody else can use its id. */
type Owner = Pick<Caller, 'principal' | 'tenant'>;

const algorithm = 'aes-256-gcm';
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes + tagBytes;
const maxTaskIdBytes = 1_024;
const maxPlainBytes = 1_536;
/** An id goes into a header (`Mcp-Name`), so it must not grow without bound. */
const maxChars = Math.ceil(((headBytes + maxPlainBytes) * 4) / 3);
const idForm = /^[A-Za-z0-9_-]+$/;

/**
 * Ids that tell callers nothing and cannot be made up: AES-256-GCM over the server's id and its task's id, bound to principal and tenant.
 *
 * The nonce is an HMAC of all that goes in, so that one task has one id however often it is told of, and a nonce comes twice
 * for two different inputs only when 96 bits agree. Every process that knows `key` reads them, also after a restart.
 */
export function createTaskIds(key: Uint8Array): TaskIds {
  const encryptionKey = derived(key, 'toolyard task ids: encryption');
  const nonceKey = derived(key, 'toolyard task ids: nonce');
  return {
    write(caller, { upstream, taskId }) {
      const plain = pack(upstream, taskId);
      const owner = ownerBytes(caller);
      const nonce = nonceOf(nonceKey, owner, plain);
      const cipher = createCipheriv(algorithm, encryptionKey, nonce, { authTagLength: tagBytes }).setAAD(owner);
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    read(caller, id) {
      if (id.length > maxChars || !idForm.test(id)) return undefined;
      const bytes = Buffer.from(id, 'base64url');
      // The last character may hold bits that count for nothing: one id is written in one way.
      if (bytes.length < headBytes || bytes[0] !== version || bytes.toString('base64url') !== id) return undefined;
      const nonce = bytes.subarray(1, 1 + nonceBytes);
      const decipher = createDecipheriv(algorithm, encryptionKey, nonce, { authTagLength: tagBytes })
        .setAAD(ownerBytes(caller))
        .setAuthTag(bytes.subarray(1 + nonceBytes, headBytes));
      const plain = decipher.update(bytes.subarray(headBytes));
      return authentic(decipher) ? unpack(plain) : undefined;
    },
  };
}

function derived(key: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, new Uint8Array(), purpose, 32));
}

function ownerBytes({ principal, tenant }: Owner): Buffer {
  return Buffer.from(JSON.stringify([tenant, principal]));
}

function nonceOf(key: Buffer, owner: Buffer, plain: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(owner.length);
  return createHmac('sha256', key).update(length).update(owner).update(plain).digest().subarray(0, nonceBytes);
}

function pack(upstream: string, taskId: string): Buffer {
  const server = Buffer.from(upstream);
  const task = Buffer.from(taskId);
  if (!taskId.isWellFormed() || task.length > maxTaskIdBytes || 2 + server.length + task.length > maxPlainBytes) {
    const reason = `a taskId that is no Unicode, or longer than ${maxTaskIdBytes} bytes`;
    throw new ToolyardError('UPSTREAM_MALFORMED', { upstream, reason }, `${upstream} answered with ${reason}.`);
  }
  const length = Buffer.alloc(2);
  length.writeUInt16BE(server.length);
  return Buffer.concat([length, server, task]);
}

/** Of bytes that proved to be our own. */
function unpack(plain: Buffer): TaskPlace {
  const end = 2 + plain.readUInt16BE(0);
  return { upstream: plain.toString('utf8', 2, end), taskId: plain.toString('utf8', end) };
}

/** `final` throws where the tag does not fit, and for nothing else. */
function authentic(decipher: { final(): Buffer }): boolean {
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}
