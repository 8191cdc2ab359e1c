import type { Listener, Pipe, Transport } from '@toolyard/protocol';
import { connectPipe, createPipePair, memoryTransport } from '@toolyard/protocol';
import { rawPipeClient, serveRawPipe } from '../transport/raw-pipes.ts';
import type { RawServer, TransportRig } from '../transport/rig.ts';

/** `memoryTransport`, with targets `memory:raw-<n>` beside its own, behind which a script answers. */
export function memoryRig(): TransportRig {
  const memory = memoryTransport();
  const scripts: RawServer[] = [];
  const listeners: Listener[] = [];
  const pipes: Pipe[] = [];

  const scriptOf = (url: string): RawServer | undefined => scripts[Number(/^memory:raw-(\d+)$/.exec(url)?.[1])];
  const openRaw = async (script: RawServer): Promise<Pipe> => {
    const [ours, theirs] = createPipePair();
    serveRawPipe(theirs, script);
    return ours;
  };
  const transport: Transport = {
    ...memory,
    connect: (target, options) => {
      const script = 'url' in target ? scriptOf(target.url) : undefined;
      return script === undefined
        ? memory.connect(target, options)
        : connectPipe(() => openRaw(script), { ...options, wire: 'memory' });
    },
  };

  return {
    transport,
    async listen(service, options) {
      const listener = await memory.serve(service, options);
      listeners.push(listener);
      return { target: { url: listener.address }, close: (how) => listener.close(how) };
    },
    async listenRaw(script) {
      scripts.push(script);
      return { target: { url: `memory:raw-${scripts.length - 1}` } };
    },
    async dialRaw({ target }) {
      const pipe = await memory.dial('url' in target ? target.url.slice('memory:'.length) : '');
      pipes.push(pipe);
      return rawPipeClient(pipe);
    },
    nowhere: async () => ({ url: 'memory:nobody' }),
    async [Symbol.asyncDispose]() {
      await Promise.all(pipes.map((pipe) => pipe.close()));
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}
