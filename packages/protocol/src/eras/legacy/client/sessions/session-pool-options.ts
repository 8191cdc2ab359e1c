/** How many sessions one server before 2026-07-28 gets, whose capabilities are frozen when they open. */
export interface SessionPoolOptions {
  /**
   * `shared`: one session declares everything that can be relayed, and a question is refused call by call where its caller cannot answer.
   * `profiles`: calls that may ask go to a session that declares what their caller did, so that the server knows; all others to the first session, and
   * so do all where the server refuses to open another one. Default: `profiles` for Streamable HTTP; `shared` for all else, where a session is a
   * process or a stream.
   */
  readonly policy?: 'shared' | 'profiles';
  /** With `profiles`: sessions are also kept apart by principal and tenant, all calls included. Default `false`. */
  readonly perPrincipal?: boolean;
  /**
   * Sessions at once, the first included. One more takes the place of the idle one that was used least lately; where none is idle its calls go to
   * the first session, or with `perPrincipal` fail with `UPSTREAM_BUSY`. Default 8.
   */
  readonly maxSessions?: number;
  /** How long a session other than the first stays open without a call. Default 300,000. */
  readonly idleMs?: number;
}
