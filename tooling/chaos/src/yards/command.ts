import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { httpTransport } from '@toolyard/transport-http';
import { sdkDoor } from '../load/sdk-door.ts';
import type { Ledger } from '../ledger.ts';
import { readJournal } from '../watch/journal-file.ts';
import { openFiles, processesWith, residentMb } from '../watch/processes.ts';
import { openClients } from './clients.ts';
import { configurationFile, extra } from './configuration.ts';
import { expectToAgree, expectToEndInOrder } from './command-checks.ts';
import { readLog, watchAnswers } from './gateway-watch.ts';
import { startGateway } from './gateway-process.ts';
import { processMischief, startHosts } from './hosts.ts';
import { openRedis } from './redis.ts';
import { specs } from './specs.ts';
import type { DoorGroup, Yard, YardOptions } from './yard.ts';

/** `toolyard up` as a process of its own, whose configuration file changes while it runs, seen from outside. */
export async function openCommand({ ledger, env, folder, breadth, clients, pace }: YardOptions): Promise<Yard> {
  await using stack = new AsyncDisposableStack();
  const onLine = (server: string, line: string): void => ledger.heard(server, line);
  const journalFile = path.join(folder, 'journal');
  await writeFile(journalFile, '');
  const journal = stack.use(await readJournal(journalFile, (line) => onLine('stdio', line)));
  const hosts = stack.use(await startHosts({ env, onLine }));
  const redis = await openRedis();
  if (redis !== undefined) stack.use(redis);
  const configuration = configurationFile({
    file: path.join(folder, 'toolyard.yaml'),
    hosts: hosts.byId,
    env: { ...env, CHAOS_JOURNAL: journalFile },
    pace,
    redis: redis?.url,
    maxInFlight: 2 * breadth + 1_024,
  });
  await configuration.write();
  const log = readLog(ledger);
  const marks = { TOOLYARD_DATA: path.join(folder, 'data'), CHAOS_GATEWAY: folder };
  // After it has ended nothing that it started may be there.
  stack.defer(() => expectNoneLeft(folder, ledger));
  const gateway = stack.use(
    await startGateway({ file: path.join(folder, 'toolyard.yaml'), env: marks, onLog: log.line }),
  );
  const lag = watchAnswers(gateway.endpoint);
  stack.defer(() => lag.stop());
  const before = { calls: ledger.calls, ok: ledger.ok };
  let filesWhenWarm: number | undefined;
  const groups = await openGroups(stack, gateway.endpoint, { clients, breadth });
  const pidsOf = (server: string): readonly number[] => {
    const host = hosts.byId.get(server)?.pid;
    return host === undefined ? processesWith(`CHAOS_NAME=${server}\0`) : [host];
  };
  const owned = stack.move();
  return {
    groups,
    mischief: [...processMischief(pidsOf), ...configuration.mischief, ...(redis?.mischief ?? [])],
    servers: async () =>
      (await gateway.health()).map(({ id, state, problem = '' }) => ({
        id,
        healthy: state === 'healthy',
        words: `${state} ${problem}`,
      })),
    inFlight: async () => (await gateway.health()).reduce((sum, { activity }) => sum + activity.inFlight, 0),
    connects: async () => (await gateway.health()).reduce((sum, { activity }) => sum + activity.restarts, specs.length),
    pidsOf,
    memory() {
      filesWhenWarm ??= openFiles(gateway.pid);
      return Promise.resolve({ atMs: performance.now(), heapMb: 0, rssMb: residentMb(gateway.pid) });
    },
    lagMs: lag.recentMs,
    cacheTrouble: () => (redis === undefined ? undefined : log.cacheTrouble()),
    async finish(parts) {
      await journal.read();
      const seen = { calls: ledger.calls - before.calls, ok: ledger.ok - before.ok };
      await expectToAgree({ gateway, pidsOf, ledger, seen, files: filesWhenWarm ?? 0 });
      await expectToEndInOrder({ ...parts, gateway, doors: groups.flatMap(({ doors }) => doors) });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  async function expectNoneLeft(where: string, into: Ledger): Promise<void> {
    const left = (): readonly number[] =>
      processesWith(where).filter((pid) => ![...hosts.byId.values()].some((host) => host.pid === pid));
    for (let tries = 0; tries < 100 && left().length > 0; tries++) await pause(100);
    if (left().length > 0) into.violation(`left over by the gateway: processes ${left().join(', ')}`);
  }
}

async function openGroups(
  stack: AsyncDisposableStack,
  endpoint: string,
  { clients, breadth }: { readonly clients: number; readonly breadth: number },
): Promise<readonly DoorGroup[]> {
  const transport = httpTransport({ maxSockets: breadth });
  const given = { transport, count: clients, principals: false };
  const sse = new URL('/sse', endpoint).href;
  const http = await openClients(stack, { ...given, kind: 'http', url: endpoint });
  return [
    { kind: 'http', callers: 200, doors: http },
    {
      kind: 'profile',
      callers: 40,
      doors: await openClients(stack, { ...given, kind: 'profile', url: `${endpoint}/everything` }),
    },
    { kind: 'sdk', callers: 8, doors: [stack.use(await sdkDoor('official client, 2025-11-25', endpoint, {}))] },
    { kind: 'sse', callers: 8, doors: [stack.use(await sdkDoor('official client, HTTP+SSE', sse, {}))] },
    // It is not there half of the time.
    { kind: 'extra', callers: 4, doors: http, servers: [extra], comesAndGoes: true },
  ];
}
