import type { Listener, Service } from '@toolyard/protocol';
import { servePipe } from '@toolyard/protocol';
import { endWritable, streamPipe } from '../framing/stream-pipe.ts';
import type { StdioServeOptions } from '../stdio-options.ts';
import { claimStdout } from './claim-stdout.ts';

const defaultMaxMessageBytes = 4 * 1024 * 1024;
const defaultEndDrainMs = 1_000;
/** How long the last answers may take to be read by the client. */
const flushMs = 1_000;

/** Serves the one client at the other end of this process's stdin and stdout, or of the streams given instead. */
export function serveStdio(service: Service, options: StdioServeOptions): Listener {
  const { input = process.stdin, maxMessageBytes = defaultMaxMessageBytes, endDrainMs = defaultEndDrainMs } = options;
  const claim = options.output === undefined ? claimStdout(process.stdout, process.stderr) : undefined;
  const output = claim?.output ?? options.output ?? process.stdout;
  let hasClientLeft = false;
  const pipe = streamPipe(input, output, {
    name: 'the client',
    maxMessageBytes,
    release: async () => {
      await endWritable(output, flushMs);
      claim?.release();
      output.destroy();
      input.destroy();
    },
    // A client says goodbye by closing stdin, and may still wait for answers (spec: basic/transports/stdio).
    onHalfClose: () => {
      hasClientLeft = true;
      void serving.close({ drainMs: endDrainMs });
    },
  });
  const serving = servePipe(pipe, service, { ...options, maxMessageBytes });
  const close = (closing?: { readonly drainMs?: number }): Promise<void> => serving.close(closing);
  return {
    address: 'stdio:',
    closed: serving.closed.then(
      (reason) => reason ?? (hasClientLeft ? new Error('the client closed its end') : undefined),
    ),
    close,
    [Symbol.asyncDispose]: close,
  };
}
