import type { ToolHeaderLookup } from '../modern/http/http-door.ts';
import type { EventStore } from '../legacy/http/events/event-store.ts';
import type { PipeServeOptions } from '../pipe/pipe-options.ts';

export interface HttpDoorOptions extends Omit<PipeServeOptions, 'principal' | 'tenant'> {
  /** Makes the door check `Mcp-Param-*` of the tools it knows. Default: none is known, so none is checked. */
  readonly toolHeaders?: ToolHeaderLookup;
  /** Sessions of clients before 2026-07-28; one more takes the place of the one that is idle for longest, a minute at least, else is refused with 429. Default 10,000. */
  readonly maxSessions?: number;
  /** How long such a session lives on while nothing happens in it. Default 1,800,000. */
  readonly sessionIdleMs?: number;
  /** Keeps what such sessions were sent, for clients that lost a stream. It is not closed here. Default: `memoryEventStore()`, with its bounds. */
  readonly eventStore?: EventStore;
  /** How long a call of a client of 2025-11-25 may take before its response becomes a stream that can be resumed. Default 1,000. */
  readonly primeMs?: number;
  /** What such a client is told to wait before it comes back for a stream that ended. Default 1,000. */
  readonly retryMs?: number;
  /** After this time the response to such a client is ended, and it has to come back for the rest. Default: as long as it takes. */
  readonly maxStreamMs?: number;
  /** Messages that a client of 2025-03-26 may send in one batch. Default 100. */
  readonly maxBatch?: number;
}
