import { createOrchestrator } from '@toolyard/orchestrator';
import { createCall, type Reply, RawObject, type Service } from '@toolyard/protocol';
import { httpTransport } from '@toolyard/transport-http';
import { stdioTransport } from '@toolyard/transport-stdio';
import { expect, it } from 'vitest';

import { openDoors } from './open-doors.ts';

const serverInfo = { name: 'test', version: '1' };
const call = createCall('tools/call', { params: { name: 'x' } });

it('end calls to profiles in peace, for as long as they may take, and turn new ones away in a way that their callers understand', async () => {
  const http = httpTransport();
  const begun = Promise.withResolvers<void>();
  const done = Promise.withResolvers<Reply>();
  await using orchestrator = createOrchestrator({ servers: [], transports: [], clientInfo: serverInfo });
  const profileService: Service = (asked) => {
    if (asked.method !== 'tools/call') return orchestrator.service(asked);
    begun.resolve();
    return done.promise;
  };
  const doors = await openDoors({
    at: { host: '127.0.0.1', port: 0 },
    http,
    stdio: stdioTransport(),
    serverInfo,
    bounds: { maxInFlight: 10, maxConnections: 10 },
    front: { service: orchestrator.service },
    profileService: () => profileService,
    doors: [],
  });
  doors.show([orchestrator.setProfile({ name: 'work' })]);
  // Each has a socket of its own, which is open since it connected.
  const reach = (url: string) => httpTransport().connect({ url }, { upstream: 'gateway', clientInfo: serverInfo });
  await using work = await reach(`${doors.endpoint}/work`);
  await using other = await reach(`${doors.endpoint}/work`);
  await using front = await reach(`${doors.endpoint}`);
  const running = work.service(call);
  await begun.promise;
  const closing = doors.close({ drainMs: 60_000 });
  // In words, where it is read before the socket closes; else it never leaves, which its caller knows as well.
  const refusal = /The endpoint is closing|cannot be reached/;
  await expect(other.service(call)).rejects.toThrow(refusal);
  await expect(front.service(call)).rejects.toThrow(refusal);
  done.resolve({ result: RawObject.of({ resultType: 'complete', content: [] }) });
  expect((await running).result.text).toContain('content');
  await closing;
});
