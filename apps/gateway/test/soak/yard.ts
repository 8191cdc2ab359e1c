import { fileURLToPath } from 'node:url';

import { createOrchestrator, type Orchestrator, type ServerEntry } from '@toolyard/orchestrator';
import { createProcessGovernor, processMemory, type ProcessGovernor, stdioTransport } from '@toolyard/transport-stdio';
import { wsTransport } from '@toolyard/transport-ws';

import { freePort } from '../../src/upstreams/free-port.ts';
import { processStarter } from '../../src/upstreams/start-process.ts';
import { startingTransport } from '../../src/upstreams/starting-transport.ts';

/** Fewer than are wanted now and then. */
export const maxProcesses = 6;

/** The server that is called and left alone, so that it grows old. */
export const untroubled = 'steady';

export interface Yard {
  readonly orchestrator: Orchestrator;
  readonly governor: ProcessGovernor;
  readonly entries: readonly ServerEntry[];
}

/** The parts of the gateway that start processes, over servers that behave and servers that do not. */
export function openYard(mark: string): Yard {
  const governor = createProcessGovernor({ maxProcesses, maxProcessesPerServer: 8, maxConcurrentSpawns: 4 });
  const environment = {
    ...process.env,
    PATH: `${fileURLToPath(new URL('.', `file://${process.execPath}`))}:${process.env['PATH']}`,
  };
  const stdio = stdioTransport({ environment, governor, stdinGraceMs: 200, termGraceMs: 200 });
  const ws = startingTransport(wsTransport(), { start: processStarter(environment, governor), freePort });
  const entries = serversOf(mark);
  const orchestrator = createOrchestrator({
    servers: entries,
    transports: [stdio, ws],
    clientInfo: { name: 'soak', version: '0' },
    connectTimeoutMs: 10_000,
    memoryOf: processMemory,
    backoff: { initialMs: 20, maxMs: 1_000 },
  });
  return { orchestrator, governor, entries };
}

function serversOf(mark: string): readonly ServerEntry[] {
  const env = { SOAK: mark };
  const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
  const server = `node '${fixture('stdio-server.ts')}' /dev/null`;
  const shell = (script: string): ServerEntry['target'] => ({ command: 'sh', args: ['-c', script], env });
  const ws = [...process.execArgv, fixture('ws-server.ts'), '{port}', 'token'];
  return [
    { id: untroubled, target: shell(`exec ${server}`), restart: { maxAgeMs: 1_000 } },
    {
      id: 'plain',
      target: shell(`exec ${server}`),
      instances: { min: 1, max: 4, idleMs: 5_000 },
      restart: { maxMemoryMb: 4_096 },
    },
    { id: 'parent', target: shell(`sleep 1000 & exec ${server}`) },
    { id: 'stubborn', target: shell(`trap '' TERM; ${server}; sleep 1000`) },
    { id: 'crashing', target: shell('sleep 1000 & exit 3') },
    { id: 'short-lived', target: shell(`sleep 1000 & ${server} & sleep 1; exit 0`) },
    { id: 'mute', target: shell('exec sleep 1000'), connectTimeoutMs: 1_000 },
    {
      id: 'web',
      target: {
        url: 'ws://127.0.0.1:{port}/mcp',
        headers: { authorization: 'Bearer token' },
        start: { command: 'node', args: ws, env },
      },
    },
  ];
}
