/** What holds where `ConnectOptions` and `ServeOptions` leave something out. */
export const defaultTimeoutMs = 60_000;
export const defaultMaxTimeoutMs = 600_000;
export const defaultMaxInFlight = 1_024;
export const defaultMaxPendingBytes = 1_048_576;
