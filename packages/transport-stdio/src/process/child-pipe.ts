import { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { ErrorFacts, Pipe } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { streamPipe } from '../framing/stream-pipe.ts';
import type { Child } from './child.ts';

export interface ChildPipeOptions {
  readonly upstream: string;
  readonly maxMessageBytes?: number | undefined;
}

/** How long stdout may stay silent after the exit: a descendant may hold it open for ever. */
const lingerMs = 250;

/** A child's stdin and stdout as a pipe; closing it ends the child. */
export function childPipe(child: Child, options: ChildPipeOptions): Pipe {
  void endSilentOutput(child);
  return streamPipe(child.stdout, child.stdin, {
    name: options.upstream,
    ...(options.maxMessageBytes !== undefined && { maxMessageBytes: options.maxMessageBytes }),
    release: () => child.stop(),
    whyEnded: async () => {
      await silencedOrLinger(child);
      const why = child.obituary() ?? 'it closed its end of the pipe';
      const facts = withExit(options.upstream, child);
      return new ToolyardError('UPSTREAM_CLOSED', facts, `${options.upstream} is gone: ${why}.`);
    },
  });
}

/** The facts of an error that the end of a process is the reason for. */
export function withExit(upstream: string, child: Pick<Child, 'exit'>): ErrorFacts['UPSTREAM_CLOSED'] {
  const exit = child.exit();
  return exit === undefined ? { upstream } : { upstream, exit };
}

/**
 * The exit ends the connection, but what was written before it is read to the end. With all data read and no end in sight, somebody
 * who left the group holds stdout open.
 */
async function endSilentOutput({ exited, stdout }: Child): Promise<void> {
  await exited;
  const ended = new AbortController();
  stdout.once('close', () => ended.abort());
  for (let seen = -1; !stdout.destroyed;) {
    const read = stdout instanceof Socket ? stdout.bytesRead : 0;
    const isRead = stdout.readableFlowing === true;
    if (isRead && read === seen) {
      stdout.destroy();
      return;
    }
    seen = isRead ? read : -1;
    await pause(lingerMs, ended.signal);
  }
}

/** A pipe breaks most often because the process has ended, which is known a moment later. */
async function silencedOrLinger(child: Child): Promise<void> {
  const silenced = new AbortController();
  void child.silenced.then(() => silenced.abort());
  await pause(lingerMs, silenced.signal);
}

/** Resolves after the time, or when the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}
