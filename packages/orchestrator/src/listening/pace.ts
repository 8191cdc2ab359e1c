/** How quickly subscriptions with servers are replaced. */
export interface Pace {
  /** Least time from one change to the next; also how long the subscription before is still listened to. */
  readonly gapMs: number;
  /** How long what nobody wants any more is still subscribed to. */
  readonly lingerMs: number;
  /** After which a subscription that was not acknowledged does not keep another from being opened. */
  readonly ackTimeoutMs: number;
}
