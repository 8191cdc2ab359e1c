/** Names of the headers of Streamable HTTP, in lower case as node gives them (spec: basic/transports/streamable-http). */
export const headerNames = {
  protocolVersion: 'mcp-protocol-version',
  method: 'mcp-method',
  name: 'mcp-name',
  /** Revisions before 2026-07-28 only. */
  sessionId: 'mcp-session-id',
  /** Revisions before 2026-07-28 only. */
  lastEventId: 'last-event-id',
} as const;

/** What the headers that mirror arguments begin with; the rest is what the tool's `x-mcp-header` says. */
export const paramHeaderPrefix = 'mcp-param-';

/** A header of the request at hand by its name in lower case; `undefined` where it was not sent. */
export type HeaderLookup = (name: string) => string | undefined;
