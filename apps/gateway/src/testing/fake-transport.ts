import {
  type Connection,
  type ConnectOptions,
  type Service,
  type Target,
  ToolyardError,
  type Transport,
} from '@toolyard/protocol';

/** A transport to one service in this process, which notes what it is asked for. */
export class FakeTransport implements Transport {
  readonly contract = 'transport/1';
  readonly name = 'fake';
  readonly targets: Target[] = [];
  readonly connections: FakeConnection[] = [];
  /** Attempts that fail before one succeeds. */
  refusals = 0;
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  accepts(target: Target): boolean {
    return 'url' in target && target.start === undefined;
  }

  connect(target: Target, { upstream }: ConnectOptions): Promise<Connection> {
    this.targets.push(target);
    if (this.refusals > 0) {
      this.refusals -= 1;
      return Promise.reject(new ToolyardError('UPSTREAM_UNREACHABLE', { upstream }, `${upstream} refused.`));
    }
    const connection = new FakeConnection(this.#service);
    this.connections.push(connection);
    return Promise.resolve(connection);
  }
}

export class FakeConnection implements Connection {
  readonly peer = { revision: '2026-07-28', wire: 'fake' };
  readonly closed: Promise<Error | undefined>;
  readonly service: Service;
  closes = 0;
  readonly #end: (reason: Error | undefined) => void;

  constructor(service: Service) {
    this.service = service;
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    this.closed = promise;
    this.#end = resolve;
  }

  /** The server goes away. */
  end(reason: Error): void {
    this.#end(reason);
  }

  close(): Promise<void> {
    this.closes += 1;
    this.#end(undefined);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
