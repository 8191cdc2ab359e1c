import { createHash } from 'node:crypto';

/** What models and clients accept as a tool's name at most. */
const maxLength = 64;
/** How much of the server's id is kept where something has to give. */
const maxIdLength = 24;

const separator = '__';
const allowed = /^[A-Za-z0-9_-]+$/;
const mark = /_[0-9a-f]{12}$/;

/**
 * The name under which a server's tool or prompt is offered: `server__tool`, at most 64 characters of `[A-Za-z0-9_-]`.
 *
 * A function of its arguments alone, so that no name changes because another server came or went. Where the plain form would lose
 * something (other characters, too long) or could be read in two ways (`__` in the id), it is cut and ends in `_` and 12
 * hexadecimal digits of the SHA-256 of both parts; a plain name that happens to end like that gets the digits too. So plain names never
 * collide, and two others only if they look alike and 48 bits of hash agree: then the catalogue keeps the first and reports the second.
 *
 * Names are turned back by look-up in the catalogue, never by splitting.
 */
export function exposedName(serverId: string, name: string): string {
  const plain = serverId + separator + name;
  return isPlain(serverId, name, plain) ? plain : marked(serverId, name);
}

/** How the names of a server's tools begin, unless its id had to be altered for them. */
export function namePrefix(serverId: string): string {
  return sanitise(serverId) + separator;
}

function isPlain(serverId: string, name: string, plain: string): boolean {
  return (
    plain.length <= maxLength &&
    allowed.test(serverId) &&
    allowed.test(name) &&
    !serverId.includes(separator) &&
    !serverId.endsWith('_') &&
    !mark.test(plain)
  );
}

function marked(serverId: string, name: string): string {
  const suffix = '_' + digest(serverId, name);
  const room = maxLength - separator.length - suffix.length;
  const cleanName = sanitise(name);
  const id = sanitise(serverId).slice(0, Math.max(maxIdLength, room - cleanName.length));
  return id + separator + cleanName.slice(0, room - id.length) + suffix;
}

function sanitise(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/gu, '_');
}

function digest(serverId: string, name: string): string {
  return createHash('sha256')
    .update(JSON.stringify([serverId, name]))
    .digest('hex')
    .slice(0, 12);
}
