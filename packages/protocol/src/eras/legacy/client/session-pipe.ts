import type { Pipe } from '../../../pipe.ts';

/**
 * A pipe that carries a session and may have no way for what belongs to no request, as Streamable HTTP without its GET stream.
 * `send` of `notifications/initialized` stays pending until that way is open, or known to be missing.
 */
export interface SessionPipe extends Pipe {
  /** Whether such messages can arrive; true while it is not known. A pipe that does not say has the way. */
  readonly hears?: boolean;
}
