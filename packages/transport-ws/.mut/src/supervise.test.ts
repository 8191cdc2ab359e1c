import { supervise } from '@toolyard/protocol';
import { expect, it, vi } from 'vitest';
import { connectOptions, echo, echoCall, serverInfo, textOf } from './testing/calls.ts';
import { wsTransport } from './transport.ts';

it('a server that went away is connected to again by supervise when it is back', async () => {
  const ws = wsTransport();
  const first = await ws.serve(echo, { serverInfo });
  const port = Number(new URL(first.address).port);
  await using server = supervise((signal) => ws.connect({ url: first.address }, { ...connectOptions, signal }), {
    upstream: 'up',
    firstDelayMs: 5,
  });
  await server.whenUp();
  expect(textOf(await server.service(echoCall('one')))).toBe('one');
  await first.close();
  await vi.waitFor(() => expect(server.state).toMatchObject({ kind: 'down', error: { code: 'UPSTREAM_UNREACHABLE' } }));
  await using second = await ws.serve(echo, { serverInfo, port });
  await server.whenUp();
  expect(textOf(await server.service(echoCall('two')))).toBe('two');
  expect(second.address).toBe(first.address);
});
