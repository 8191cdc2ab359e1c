import { toWireError } from '../../errors/wire-error.ts';
import type { MessageId } from '../../pipe.ts';
import { encodeError } from '../../wire/encode.ts';
import type { HttpOutgoing } from './http-incoming.ts';

export const jsonHeaders: readonly string[] = ['content-type', 'application/json'];

/** Answers with what `toWireError` makes of `thrown`. `id`: of the request, where it could be read. */
export function refuse(
  outgoing: HttpOutgoing,
  thrown: unknown,
  id?: MessageId,
  headers: readonly string[] = jsonHeaders,
): void {
  const { httpStatus, error } = toWireError(thrown);
  outgoing.respond(httpStatus, headers, encodeError(id, error));
}
