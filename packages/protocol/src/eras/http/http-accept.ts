/** What a client takes for an answer. */
export interface Accepted {
  readonly json: boolean;
  readonly events: boolean;
}

const both: Accepted = { json: true, events: true };
const usual = 'application/json, text/event-stream';

/**
 * Reads `Accept`. The specification wants both types there; a client that names one only gets that one, and one that names none gets either.
 * Quality values are ignored.
 */
export function readAccept(header: string | undefined): Accepted {
  if (header === undefined || header === usual || header === '*/*') return both;
  const accept = header.toLowerCase();
  if (accept.includes('*/*')) return both;
  return {
    json: accept.includes('application/json') || accept.includes('application/*'),
    events: accept.includes('text/event-stream') || accept.includes('text/*'),
  };
}

/** Whether a `Content-Type` says JSON, whatever parameters follow. */
export function isJson(header: string | undefined): boolean {
  if (header === 'application/json') return true;
  return header !== undefined && /^application\/json\s*(?:;|$)/i.test(header);
}
