import type { Call, Notification, Reply } from '@toolyard/protocol';
import { RawObject, ToolyardError } from '@toolyard/protocol';

/** A subscription as a server sees it, whose course the test decides. */
export interface FakeStream {
  readonly call: Call;
  /** The filter, as it came. */
  readonly asked: string;
  readonly open: boolean;
  /** With what was asked, or with this. */
  acknowledge(honoured?: Record<string, unknown>): Promise<void>;
  tell(notification: Notification): Promise<void>;
  refuse(): void;
  breakOff(): void;
}

/** A server that can be subscribed to, and nothing else but what `answer` says. */
export interface FakeUpstream {
  up: boolean;
  service: (call: Call) => Promise<Reply>;
  whenUp(signal: AbortSignal): Promise<void>;
  /** Comes back, to those who wait too. */
  rise(): void;
  /** Those that were opened so far. */
  readonly streams: readonly FakeStream[];
  /** Filters of those that are open. */
  readonly open: readonly string[];
  /** Whether it acknowledges by itself. */
  prompt: boolean;
  answer: (call: Call) => Record<string, unknown>;
}

export function fakeUpstream(): FakeUpstream {
  const streams: FakeStream[] = [];
  let waiting: (() => void)[] = [];
  const upstream: FakeUpstream = {
    up: true,
    prompt: true,
    streams,
    get open() {
      return streams.filter(({ open }) => open).map(({ asked }) => asked);
    },
    answer: ({ method }) => {
      throw new ToolyardError('METHOD_UNKNOWN', { method }, 'no');
    },
    async service(call) {
      if (call.method !== 'subscriptions/listen') return { result: RawObject.of(upstream.answer(call)) };
      const over = Promise.withResolvers<Reply>();
      const filter = call.params.object('notifications') ?? RawObject.empty;
      let open = true;
      const end = (error: Error): void => {
        open = false;
        over.reject(error);
      };
      call.signal.addEventListener('abort', () => end(new ToolyardError('CANCELLED', {}, 'over')));
      const stream: FakeStream = {
        call,
        asked: filter.text,
        get open() {
          return open;
        },
        acknowledge: (honoured) =>
          call.notify({
            method: 'notifications/subscriptions/acknowledged',
            params: RawObject.of({ notifications: honoured ?? filter }),
          }),
        tell: (notification) => call.notify(notification),
        refuse: () => end(new ToolyardError('INVALID_PARAMS', { reason: 'no' }, 'no')),
        breakOff: () => end(new ToolyardError('UPSTREAM_CLOSED', { upstream: 'fake' }, 'gone')),
      };
      streams.push(stream);
      if (upstream.prompt) await stream.acknowledge();
      return over.promise;
    },
    whenUp(signal) {
      if (upstream.up) return Promise.resolve();
      return new Promise((resolve, reject) => {
        waiting.push(resolve);
        signal.addEventListener('abort', () => reject(new Error('over')));
      });
    },
    rise() {
      upstream.up = true;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  };
  return upstream;
}
