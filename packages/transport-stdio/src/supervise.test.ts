import { supervise } from '@toolyard/protocol';
import { expect, test } from 'vitest';
import { stdioTransport } from './stdio-transport.ts';
import { client, fixture, isAlive, pidOf, toolCall } from './testing/rig.ts';

test('a server that is killed is started again by supervise, in a process of its own', async () => {
  const transport = stdioTransport();
  const target = fixture('scripted-server');
  await using server = supervise(
    (signal) => transport.connect(target, { upstream: 'files', clientInfo: client, signal }),
    {
      upstream: 'files',
      firstDelayMs: 10,
    },
  );
  const first = await server.whenUp();
  process.kill(pidOf(first), 'SIGKILL');
  while (server.state.kind === 'up') await new Promise(setImmediate);
  const second = await server.whenUp();
  expect(second.pid).not.toBe(first.pid);
  await server.service(toolCall('pid'));
  await server.close();
  expect(isAlive(pidOf(second))).toBe(false);
});
