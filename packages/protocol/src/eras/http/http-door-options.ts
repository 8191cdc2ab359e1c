import type { ToolHeaderLookup } from '../modern/http/http-server.ts';
import type { PipeServeOptions } from '../pipe/pipe-options.ts';

export interface HttpDoorOptions extends Omit<PipeServeOptions, 'principal' | 'tenant'> {
  /** Makes the door check `Mcp-Param-*` of the tools it knows. Default: none is known, so none is checked. */
  readonly toolHeaders?: ToolHeaderLookup;
  /** Sessions of clients before 2026-07-28; one more is refused with 429. Default 10,000. */
  readonly maxSessions?: number;
  /** How long such a session lives on while nothing happens in it. Default 1,800,000. */
  readonly sessionIdleMs?: number;
}
