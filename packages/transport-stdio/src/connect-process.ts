import { createHash } from 'node:crypto';
import type { CommandTarget, Connection, EraMemory } from '@toolyard/protocol';
import { connectPipe, ToolyardError } from '@toolyard/protocol';
import type { Child, ChildOptions } from './process/child.ts';
import { startChild } from './process/child.ts';
import { childPipe, withExit } from './process/child-pipe.ts';
import type { StdioConnectOptions } from './stdio-options.ts';

export type ProcessOptions = Pick<
  ChildOptions,
  'environment' | 'guardian' | 'governor' | 'stdinGraceMs' | 'termGraceMs'
> & {
  /** Which servers are to be spoken to in the older way first. */
  readonly eras: EraMemory;
};

/**
 * Starts a server and connects to it. One that dies of `server/discover` is started once more, and `initialize` is the first that it is told then; one that is silent
 * goes on with both.
 */
export async function connectProcess(
  target: CommandTarget,
  options: StdioConnectOptions,
  processOptions: ProcessOptions,
): Promise<Connection> {
  const { upstream, onLog, maxMessageBytes } = options;
  const failed = new AbortController();
  let opening: Promise<Child> | undefined;
  let child: Child | undefined;
  try {
    const connection = await connectPipe(
      async () => {
        opening = startChild(target, { ...processOptions, upstream, onLog, signal: failed.signal });
        child = await opening;
        return childPipe(child, { upstream, maxMessageBytes });
      },
      {
        ...options,
        wire: 'stdio',
        pid: () => child?.pid,
        remember: { eras: processOptions.eras, endpoint: fingerprint(target) },
      },
    );
    child?.ready();
    return connection;
  } catch (error) {
    // One that is still being started has nobody else to wait for its end.
    failed.abort(error);
    await opening?.then(
      (last) => last.stop(),
      () => undefined,
    );
    throw withObituary(error, child, upstream);
  }
}

/** The same for the same definition only, and without the secrets in it. */
function fingerprint(target: CommandTarget): string {
  return createHash('sha256').update(JSON.stringify(target)).digest('base64');
}

/** Says what became of the process where its end is what kept it from being reached. */
function withObituary(error: unknown, child: Child | undefined, upstream: string): unknown {
  const obituary = child?.obituary();
  if (child === undefined || obituary === undefined || !ToolyardError.is(error, 'UPSTREAM_UNREACHABLE')) return error;
  const facts = withExit(upstream, child);
  return new ToolyardError('UPSTREAM_UNREACHABLE', facts, `${upstream} could not be started: ${obituary}.`, {
    cause: error,
  });
}
