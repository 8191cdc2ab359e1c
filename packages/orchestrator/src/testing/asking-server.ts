import {
  connectPipe,
  createParking,
  createPipePair,
  type Parking,
  type Pipe,
  type Transport,
} from '@toolyard/protocol';

/** A server of 2025-11-25 whose tool `ask` asks its user something, and whose tool `job` runs as a task. Each connection is to an instance of its own. */
export interface AskingServer {
  readonly transport: Transport;
  /** How many instances were started. */
  readonly instances: number;
  /** How many of them are there. */
  readonly open: number;
  /** Tasks are over from now on. */
  finish(): void;
}

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly name?: string; readonly task?: unknown };
  readonly result?: unknown;
}

const tools = [
  { name: 'ask', inputSchema: { type: 'object' } },
  { name: 'job', inputSchema: { type: 'object' }, execution: { taskSupport: 'optional' } },
];

/** Reached under `asking:`. */
export function askingServer(parking: Parking = createParking()): AskingServer {
  const open = new Set<Pipe>();
  let instances = 0;
  let over = false;
  const start = (): Pipe => {
    const [near, far] = createPipePair();
    play(far, ++instances);
    return near;
  };
  return {
    transport: {
      contract: 'transport/1',
      name: 'asking',
      accepts: (target) => 'url' in target && target.url.startsWith('asking:'),
      connect: (_, options) => connectPipe(() => Promise.resolve(start()), { ...options, parking, wire: 'memory' }),
    },
    get instances() {
      return instances;
    },
    get open() {
      return open.size;
    },
    finish: () => void (over = true),
  };

  function play(pipe: Pipe, number: number): void {
    const from = { content: [{ type: 'text', text: `instance ${number}` }] };
    const task = (): unknown => ({
      taskId: 'one',
      status: over ? 'completed' : 'working',
      ttl: null,
      createdAt: '2026-01-01T00:00:00Z',
      lastUpdatedAt: '2026-01-01T00:00:00Z',
      pollInterval: 100,
    });
    const send = (message: Record<string, unknown>): void =>
      void pipe.send(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }))).catch(() => undefined);
    const answers: Record<string, (message: Message) => unknown> = {
      initialize: () => ({
        protocolVersion: '2025-11-25',
        capabilities: { tools: {}, tasks: { requests: { tools: { call: {} } } } },
        serverInfo: { name: 'asking', version: '1' },
      }),
      'tools/list': () => ({ tools }),
      'tools/call': ({ id, params }) => {
        if (params?.name === 'job') return params.task === undefined ? from : { task: task() };
        send({ id: `about ${String(id)}`, method: 'elicitation/create', params: { message: 'Who?' } });
        return undefined;
      },
      'tasks/get': task,
      'tasks/result': () => from,
    };
    open.add(pipe);
    pipe.start({
      message(bytes) {
        const message = JSON.parse(Buffer.from(bytes).toString()) as Message;
        const { id, method, result } = message;
        if (method === undefined) {
          const refused = { content: [], isError: true };
          send({ id: Number(String(id).replace('about ', '')), result: result === undefined ? refused : from });
        } else if (id !== undefined) {
          const answer = answers[method];
          const said = answer?.(message);
          if (answer === undefined) send({ id, error: { code: -32_601, message: 'Method not found' } });
          else if (said !== undefined) send({ id, result: said });
        }
      },
      closed: () => void open.delete(pipe),
    });
  }
}
