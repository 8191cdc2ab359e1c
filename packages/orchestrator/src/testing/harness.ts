import type { Call, Caller, Notification, Reply } from '@toolyard/protocol';
import { createCall, RawObject } from '@toolyard/protocol';
import { createOrchestrator } from '../create-orchestrator.ts';
import type { OrchestratorOptions } from '../options.ts';
import type { Orchestrator } from '../orchestrator.ts';
import type { ServerEntry } from '../server-entry.ts';
import type { FakeServer } from './fake-server.ts';
import { fakeTransport } from './fake-server.ts';

export interface FleetOptions extends Partial<Omit<OrchestratorOptions, 'servers'>> {
  /** What the definitions say beside id and target. */
  readonly entries?: Readonly<Record<string, Partial<ServerEntry>>>;
}

/** An orchestrator over servers in this process, not yet started. */
export function orchestrate(
  servers: Readonly<Record<string, FakeServer>>,
  { entries, ...options }: FleetOptions = {},
): Orchestrator {
  return createOrchestrator({
    servers: Object.keys(servers).map((id) => ({ id, target: { url: `fake:${id}` }, ...entries?.[id] })),
    transports: [fakeTransport(servers)],
    clientInfo: { name: 'toolyard-test', version: '0' },
    random: () => 0.5,
    ...options,
  });
}

/** The same, started. */
export async function started(
  servers: Readonly<Record<string, FakeServer>>,
  options: FleetOptions = {},
): Promise<Orchestrator> {
  const orchestrator = orchestrate(servers, options);
  await orchestrator.start();
  return orchestrator;
}

export const caller: Caller = {
  principal: 'anonymous',
  tenant: 'default',
  clientInfo: undefined,
  capabilities: RawObject.empty,
};

export function call(method: string, params: RawObject | Record<string, unknown> = {}, more: Partial<Call> = {}): Call {
  return { ...createCall(method, { params, caller }), ...more };
}

/** The parsed result of a call. */
export async function ask(
  { service }: Pick<Orchestrator, 'service'>,
  method: string,
  params: RawObject | Record<string, unknown> = {},
  more: Partial<Call> = {},
): Promise<unknown> {
  const { result } = await service(call(method, params, more));
  return result.value;
}

/** The names, or URIs, of a list. */
export async function names(
  { service }: Pick<Orchestrator, 'service'>,
  method = 'tools/list',
): Promise<readonly (string | undefined)[]> {
  const { result } = await service(call(method));
  const member = ['tools', 'prompts', 'resources', 'resourceTemplates'].find((key) => result.has(key)) ?? '';
  return (result.array(member) ?? []).map((entry) => {
    const object = RawObject.read(entry.bytes);
    return object.string('uri') ?? object.string('uriTemplate') ?? object.string('name');
  });
}

export interface Listening {
  /** All that was told, the acknowledgement first: method, and URI or filter. */
  readonly told: readonly Notification[];
  readonly methods: readonly string[];
  readonly reply: Promise<Reply>;
  stop(): void;
}

export function listen(
  orchestrator: Pick<Orchestrator, 'service'>,
  filter: Record<string, unknown>,
  more: Partial<Call> = {},
): Listening {
  const told: Notification[] = [];
  const controller = new AbortController();
  const reply = orchestrator.service(
    call(
      'subscriptions/listen',
      { notifications: filter },
      { signal: controller.signal, notify: async (one) => void told.push(one), ...more },
    ),
  );
  reply.catch(() => undefined);
  return {
    told,
    get methods() {
      return told.map(({ method }) => method.replace('notifications/', ''));
    },
    reply,
    stop: () => controller.abort(),
  };
}

/** A result with white space, numbers and escapes that a parser would not give back. */
export const oddResult =
  '{"resultType":"complete" , "content":[{"type":"x-odd","n":9007199254740993,"f":1.0,"e":1e400,"\\u0061":"\\u00e9"}],"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"theirs","version":"1"}},"more":{}}';
