import { Metadata, type ServerDuplexStream, status as Status } from '@grpc/grpc-js';
import { servePipe, type Service, type Serving, ToolyardError } from '@toolyard/protocol';
import { GrpcPipe } from '../grpc-pipe.ts';
import type { GrpcMetadata, GrpcPeer, GrpcServeOptions, Principal } from '../options.ts';
import { within } from '../within.ts';

export interface ClientsOptions extends GrpcServeOptions {
  readonly maxClients: number;
}

type Stream = ServerDuplexStream<Uint8Array, Uint8Array>;

const defaultEndDrainMs = 60_000;
/** How long the end of a stream may take to reach a client. */
const flushMs = 1_000;

/** The streams of a server, each of which is a client. */
export class Clients {
  readonly #service: Service;
  readonly #options: ClientsOptions;
  readonly #streams = new Set<Stream>();
  readonly #served = new Set<Serving>();
  #isClosing = false;

  constructor(service: Service, options: ClientsOptions) {
    this.#service = service;
    this.#options = options;
  }

  /** Handles `Mcp.Connect`. */
  readonly take = (stream: Stream): void => {
    // gRPC answers errors of a stream by itself; nothing more is to be done about them.
    stream.on('error', () => undefined);
    if (this.#isClosing) return refuse(stream, Status.UNAVAILABLE, 'The server is closing.');
    if (this.#streams.size >= this.#options.maxClients) {
      return refuse(stream, Status.RESOURCE_EXHAUSTED, 'The server has as many clients as it takes.');
    }
    this.#streams.add(stream);
    // Emitted once the stream is over, however it ended: its deadline passed, the client cancelled it or is gone, or we ended it.
    const over = new Promise<void>((resolve) => stream.once('cancelled', () => resolve()));
    void over.then(() => this.#streams.delete(stream));
    void this.#serve(stream, over);
  };

  /** Takes no more streams, and ends those that there are. Resolves when all are served to the end. */
  async close(how: { readonly drainMs?: number }): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#served].map((client) => client.close(how)));
  }

  async #serve(stream: Stream, over: Promise<void>): Promise<void> {
    let principal: Principal | undefined;
    try {
      principal = await this.#options.identify?.(readMetadata(stream.metadata), peerOf(stream));
    } catch (error) {
      if (ToolyardError.is(error, 'UNAUTHENTICATED')) refuse(stream, Status.UNAUTHENTICATED, error.message);
      else refuse(stream, Status.INTERNAL, 'Internal error.');
      return;
    }
    if (stream.cancelled) return;
    if (this.#isClosing) return refuse(stream, Status.UNAVAILABLE, 'The server is closing.');
    // Clients that wait for a sign before they write get one.
    stream.sendMetadata(new Metadata());
    const { endDrainMs = defaultEndDrainMs } = this.#options;
    const pipe = new GrpcPipe(stream, {
      name: 'the client',
      ended: () => void serving.close({ drainMs: endDrainMs }),
      release: async () => {
        stream.end();
        await within(flushMs, over);
      },
    });
    void over.then(() => pipe.fail(new Error('the client is gone')));
    const serving = servePipe(pipe, this.#service, { ...this.#options, ...principal });
    this.#served.add(serving);
    void serving.closed.then(() => this.#served.delete(serving));
  }
}

function refuse(stream: Stream, code: Status, details: string): void {
  stream.emit('error', { code, details });
}

function readMetadata(metadata: Metadata): GrpcMetadata {
  return metadata.getMap();
}

function peerOf(stream: Stream): GrpcPeer {
  return { address: stream.getPeer(), certificate: stream.getAuthContext().sslPeerCertificate };
}
