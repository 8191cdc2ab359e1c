import type { Transport } from '@toolyard/protocol';

/**
 * Why servers could not be reached the last time, or went away, in the transports' own words. Those may name programs, folders and addresses, and quote what a
 * process wrote before it died: for the log and the terminal of who runs the gateway, never for callers.
 */
export interface Failures {
  watch(transport: Transport): Transport;
  of(server: string): string | undefined;
  forget(server: string): void;
}

export function createFailures(): Failures {
  const words = new Map<string, string>();
  return {
    of: (server) => words.get(server),
    forget: (server) => void words.delete(server),
    watch: (transport) => ({
      ...transport,
      connect: async (target, options) => {
        try {
          const connection = await transport.connect(target, options);
          words.delete(options.upstream);
          void connection.closed.then((reason) => {
            if (reason !== undefined) words.set(options.upstream, reason.message);
          });
          return connection;
        } catch (error) {
          words.set(options.upstream, error instanceof Error ? error.message : String(error));
          throw error;
        }
      },
    }),
  };
}
