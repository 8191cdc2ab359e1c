import { Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';
import { ToolyardError } from '@toolyard/protocol';

export interface StatusContext {
  readonly upstream: string;
  readonly maxMessageBytes: number;
  /** Header values: a server may well repeat them when it complains. */
  readonly secrets: readonly string[];
}

/** The HTTP statuses that stand for refusals (google/rpc/code.proto). */
const refusals: ReadonlyMap<Status, number> = new Map([
  [Status.UNAUTHENTICATED, 401],
  [Status.PERMISSION_DENIED, 403],
  [Status.NOT_FOUND, 404],
  [Status.RESOURCE_EXHAUSTED, 429],
  [Status.UNIMPLEMENTED, 501],
  [Status.DEADLINE_EXCEEDED, 504],
]);

/** Ends that say nothing about the server but that it is gone. */
const departures: readonly Status[] = [Status.OK, Status.CANCELLED, Status.ABORTED, Status.UNAVAILABLE];

/**
 * As grpc-js tells it. Where it cannot read a message, as one that is compressed with nothing that was agreed on, what it tells is a bare error, without a code and without
 * details, whatever its types say.
 */
export function readStatus(told: Partial<StatusObject> & { readonly message?: string }): StatusObject {
  const { code = Status.INTERNAL, details = told.message ?? 'no details', metadata = new Metadata() } = told;
  return { code, details, metadata };
}

/** What the end of a stream means. `cause` has the server's own words, with the headers that it was sent taken out. */
export function statusError({ code, details }: StatusObject, context: StatusContext): ToolyardError {
  const { upstream, maxMessageBytes: limitBytes, secrets } = context;
  const name = Status[code];
  const cause = new Error(`gRPC status ${name}: ${redact(details, secrets)}`);
  if (code === Status.RESOURCE_EXHAUSTED && /^Received message (?:larger than max|that decompresses)/.test(details)) {
    return new ToolyardError(
      'MESSAGE_TOO_LARGE',
      { limitBytes },
      `A message on the stream to ${upstream} was too large.`,
      { cause },
    );
  }
  const status = refusals.get(code);
  if (status !== undefined) {
    return new ToolyardError(
      'UPSTREAM_STATUS',
      { upstream, status },
      `${upstream} refused the stream (gRPC status ${name}).`,
      { cause },
    );
  }
  if (departures.includes(code)) {
    return new ToolyardError('UPSTREAM_CLOSED', { upstream }, `${upstream} ended the stream (gRPC status ${name}).`, {
      cause,
    });
  }
  const reason = `it ended the stream with gRPC status ${name}`;
  return new ToolyardError('UPSTREAM_MALFORMED', { upstream, reason }, `${upstream} cannot be used: ${reason}.`, {
    cause,
  });
}

/** The end of a stream that never reached the server. */
export function unreachable(status: StatusObject, shown: string, context: StatusContext): ToolyardError {
  if (status.code !== Status.UNAVAILABLE) return statusError(status, context);
  const cause = new Error(redact(status.details, context.secrets));
  const { upstream } = context;
  return new ToolyardError('UPSTREAM_UNREACHABLE', { upstream }, `Nothing answers ${upstream} at ${shown}.`, { cause });
}

function redact(text: string, secrets: readonly string[]): string {
  let told = text.slice(0, 1_000);
  for (const secret of secrets) {
    // `Bearer x` is told as `x` by some.
    for (const part of [secret, ...secret.split(' ')]) if (part.length > 3) told = told.replaceAll(part, '…');
  }
  return told;
}
