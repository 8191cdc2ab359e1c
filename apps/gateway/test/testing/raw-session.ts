type RawJson = Readonly<Record<string, unknown>>;

/** A session of revision 2025-11-25 made of nothing but `fetch`, so that a test decides when a connection breaks. */
export interface RawSession {
  /** Calls a tool; resolves with the stream of its response. */
  call(id: number, name: string, given: Record<string, unknown>, meta?: object): Promise<EventReader>;
  /** Sends a request whose reply is JSON. */
  request(method: string, id: number, params?: Record<string, unknown>): Promise<RawJson>;
  /** Sends requests as one array; resolves with the replies in theirs. */
  batch(messages: readonly object[]): Promise<readonly RawJson[]>;
  notify(method: string, params: Record<string, unknown>): Promise<void>;
  /** Answers a request of the server. */
  answer(id: unknown, result: Record<string, unknown>): Promise<void>;
  resume(lastEventId: string): Promise<EventReader>;
}

/** The events of one response, in order. */
export interface EventReader {
  /** The id of the next event that has one. */
  nextId(): Promise<string>;
  /** The next event with a message in it. */
  nextMessage(): Promise<RawJson>;
  /** Breaks the connection. */
  drop(): void;
}

interface Event {
  readonly id?: string;
  readonly data?: string;
}

export async function legacySession(
  endpoint: string,
  options: {
    readonly revision?: string;
    readonly capabilities?: object;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<RawSession> {
  const { revision = '2025-11-25', capabilities = {} } = options;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...options.headers,
  };
  const post = (message: object | readonly object[], signal?: AbortSignal): Promise<Response> =>
    fetch(endpoint, {
      method: 'POST',
      headers,
      body: JSON.stringify(
        Array.isArray(message)
          ? message.map((one: object) => ({ jsonrpc: '2.0', ...one }))
          : { jsonrpc: '2.0', ...message },
      ),
      ...(signal === undefined ? {} : { signal }),
    });
  const clientInfo = { name: 'raw', version: '1' };
  const opened = await post({
    id: 0,
    method: 'initialize',
    params: { protocolVersion: revision, capabilities, clientInfo },
  });
  await opened.text();
  headers['mcp-session-id'] = opened.headers.get('mcp-session-id') ?? '';
  headers['mcp-protocol-version'] = revision;
  const accepted = async (message: object): Promise<void> => {
    const { status } = await post(message);
    if (status !== 202) throw new Error(`the message got status ${status}`);
  };
  await accepted({ method: 'notifications/initialized' });
  return {
    async call(id, name, given, _meta) {
      const controller = new AbortController();
      const params = { name, arguments: given, _meta };
      const response = await post({ id, method: 'tools/call', params }, controller.signal);
      return readEvents(response, controller);
    },
    request: async (method, id, params = {}) => read(await (await post({ id, method, params })).text()),
    batch: async (messages) => JSON.parse(await (await post(messages)).text()) as RawJson[],
    notify: (method, params) => accepted({ method, params }),
    answer: (id, result) => accepted({ id, result }),
    async resume(lastEventId) {
      const controller = new AbortController();
      const response = await fetch(endpoint, {
        headers: { ...headers, accept: 'text/event-stream', 'last-event-id': lastEventId },
        signal: controller.signal,
      });
      return readEvents(response, controller);
    },
  };
}

export function readEvents(response: Response, controller: AbortController): EventReader {
  const events = parse(response);
  const next = async <T>(find: (event: Event) => T | undefined): Promise<T> => {
    for (;;) {
      const { value, done } = await events.next();
      if (done === true) throw new Error(`the stream of status ${response.status} ended`);
      const found = find(value);
      if (found !== undefined) return found;
    }
  };
  return {
    nextId: () => next(({ id }) => id),
    nextMessage: () => next(({ data }) => (data === undefined || data === '' ? undefined : read(data))),
    drop: () => controller.abort(),
  };
}

function read(text: string): RawJson {
  return JSON.parse(text) as RawJson;
}

async function* parse({ body }: Response): AsyncGenerator<Event, void> {
  let rest = '';
  const decoder = new TextDecoder();
  const chunks: AsyncIterable<Uint8Array> | readonly Uint8Array[] = body ?? [];
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const fields = rest
        .slice(0, end)
        .split('\n')
        .map((line) => /^(?<name>\w+): ?(?<value>.*)$/.exec(line)?.groups);
      rest = rest.slice(end + 2);
      yield Object.fromEntries(
        fields.flatMap((field) => (field === undefined ? [] : [[field['name'], field['value']]])),
      );
    }
  }
}
