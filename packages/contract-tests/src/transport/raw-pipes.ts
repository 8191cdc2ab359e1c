import type { Pipe } from '@toolyard/protocol';
import type { RawClient, RawServer } from './rig.ts';

export interface RawPipeClientOptions {
  /** Ends the sending side only, where the pipe's wire can do that. Default: throws. */
  readonly end?: () => void;
}

/** The client half of a rig, for a transport whose wire is a pipe. */
export function rawPipeClient(pipe: Pipe, options: RawPipeClientOptions = {}): RawClient {
  const messages: Uint8Array[] = [];
  let isOver = false;
  let readable = Promise.withResolvers<void>();
  let gate: PromiseWithResolvers<void> | undefined;
  const wake = (): void => {
    readable.resolve();
    readable = Promise.withResolvers<void>();
  };
  pipe.start({
    message: (message) => {
      messages.push(message);
      wake();
      return gate?.promise;
    },
    closed: () => {
      isOver = true;
      wake();
    },
  });
  return {
    send: (message) => pipe.send(message),
    next: async () => {
      while (messages.length === 0 && !isOver) await readable.promise;
      return messages.shift();
    },
    pause: () => {
      gate ??= Promise.withResolvers<void>();
    },
    resume: () => {
      gate?.resolve();
      gate = undefined;
    },
    end: () => {
      if (options.end === undefined) throw new Error('this pipe can only be closed as a whole');
      options.end();
    },
    drop: () => void pipe.close(),
  };
}

/** The server half of a rig: has a script answer what comes by a pipe. */
export function serveRawPipe(pipe: Pipe, script: RawServer): void {
  const send = (message: Uint8Array): void => void pipe.send(message).catch(() => undefined); // A client that has left hears nothing more.
  pipe.start({
    message: (message) => script(message, { send, drop: () => void pipe.close() }),
    closed: () => undefined,
  });
}
