import type { Connection, Listener, Service, Target, Transport } from '@toolyard/protocol';
import { checkNumbers, createParking, EraMemory, millisecondsFrom, ToolyardError } from '@toolyard/protocol';
import type { ProcessOptions } from './connect-process.ts';
import { connectProcess } from './connect-process.ts';
import { createGuardian } from './process/guardian.ts';
import { createProcessGovernor } from './process/process-governor.ts';
import { serveStdio } from './serve/serve-stdio.ts';
import type { StdioConnectOptions, StdioServeOptions, StdioTransportOptions } from './stdio-options.ts';

export interface StdioTransport extends Transport {
  /** Starts the server as a child process. A connection that is over is not started again here: wrap `connect` in `supervise` of `@toolyard/protocol`. */
  connect(target: Target, options: StdioConnectOptions): Promise<Connection>;
  /** Serves this process's stdin and stdout, or the streams that the options name. */
  serve(service: Service, options: StdioServeOptions): Promise<Listener>;
}

const rules = { stdinGraceMs: millisecondsFrom(0), termGraceMs: millisecondsFrom(0) };

/** MCP over stdin and stdout (spec: basic/transports/stdio). No child outlives `close()`, nor this process, however that ends. Throws `CONFIG_INVALID` for times that are none. */
export function stdioTransport(options: StdioTransportOptions = {}): StdioTransport {
  checkNumbers('a stdio transport', options, rules);
  const { environment = process.env, stdinGraceMs = 2_000, termGraceMs = 2_000, orphans = defaultOrphans() } = options;
  const processOptions: ProcessOptions = {
    governor: options.governor ?? createProcessGovernor(),
    environment: { ...environment },
    guardian: orphans === 'guardian' ? createGuardian() : undefined,
    stdinGraceMs,
    termGraceMs,
    eras: new EraMemory(),
  };
  // One for all, so that a retry is told what became of a server that is gone since.
  const parking = options.parking ?? createParking();
  return {
    contract: 'transport/1',
    name: 'stdio',
    accepts: (target) => 'command' in target,
    async connect(target, connectOptions) {
      if (!('command' in target)) {
        throw new ToolyardError(
          'TRANSPORT_UNKNOWN',
          { target: target.url.split(':', 1).join(), known: ['command'] },
          'stdio reaches commands, not URLs.',
        );
      }
      return connectProcess(target, { parking, ...connectOptions }, processOptions);
    },
    serve: async (service, serveOptions) => serveStdio(service, serveOptions),
  };
}

/** Process 1 takes its whole namespace with it, and on Windows Node puts children into a job that ends with it. */
function defaultOrphans(): 'guardian' | 'none' {
  return process.platform === 'win32' || process.pid === 1 ? 'none' : 'guardian';
}
