import type { CommandTarget } from '@toolyard/protocol';
import { expect, test } from 'vitest';
import type { StdioConnectOptions } from './stdio-options.ts';
import type { StdioTransport } from './stdio-transport.ts';
import { stdioTransport } from './stdio-transport.ts';
import { client, fixture, Lines, toolCall } from './testing/rig.ts';

const options = { upstream: 'fixture', clientInfo: client };
const brisk = { stdinGraceMs: 100, termGraceMs: 100 };

/** The same server, which says when a process begins, and reads nothing until that is up for so long. */
function counted(target: CommandTarget, startMs = 0): CommandTarget {
  const begin = `process.stderr.write('process\\n'); await new Promise((resolve) => setTimeout(resolve, ${startMs}))`;
  return { ...target, args: ['--import', `data:text/javascript,${begin}`, ...(target.args ?? [])] };
}

/** Connects, and tells the revision that was found and how many processes it took. */
async function connected(
  transport: StdioTransport,
  target: CommandTarget,
  given: Partial<StdioConnectOptions> = {},
): Promise<{ revision: string; processes: number }> {
  const lines = new Lines();
  await using server = await transport.connect(target, { ...options, ...given, onLog: lines.add });
  await server.service(toolCall('echo', { text: 'hello' }));
  return { revision: server.peer.revision, processes: lines.all.filter((line) => line === 'process').length };
}

test.each([
  ['legacy-server', '2025-11-25'],
  ['modern-server', '2026-07-28'],
  ['scripted-server', '2025-06-18'],
] as const)('a %s that starts slowly is reached in the process that was started for it', async (name, revision) => {
  const target = counted(fixture(name), 700);
  expect(await connected(stdioTransport(), target, { probeTimeoutMs: 50 })).toEqual({ revision, processes: 1 });
});

test('a server that dies of server/discover is not asked it again, until its definition changes', async () => {
  const transport = stdioTransport();
  const target = counted(fixture('scripted-server', 'probe-shy'));
  expect(await connected(transport, target)).toEqual({ revision: '2025-06-18', processes: 2 });
  expect(await connected(transport, target)).toEqual({ revision: '2025-06-18', processes: 1 });
  expect(await connected(transport, { ...target, env: { EDITED: '1' } })).toMatchObject({ processes: 2 });
});

test('a server that is of no more use once it was asked server/discover is reached at the next attempt', async () => {
  const transport = stdioTransport(brisk);
  const target = counted(fixture('scripted-server', 'easily-baffled'));
  await expect(connected(transport, target, { connectTimeoutMs: 1_500 })).rejects.toMatchObject({
    code: 'UPSTREAM_TIMEOUT',
    facts: { method: 'initialize' },
  });
  expect(await connected(transport, target)).toEqual({ revision: '2025-06-18', processes: 1 });
});
