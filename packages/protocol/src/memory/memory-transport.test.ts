import { describe, expect, it, vi } from 'vitest';
import { testCall } from '../testing/call.ts';
import { wireEnd } from '../testing/wire-end.ts';
import { RawObject } from '../wire/raw-object.ts';
import type { Service } from '../service.ts';
import { memoryTransport } from './memory-transport.ts';

const serverInfo = { name: 'there', version: '1' };
const options = { upstream: 'there', clientInfo: { name: 'here', version: '1' } };
const service: Service = (call) =>
  Promise.resolve({
    result: RawObject.of({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: {},
      method: call.method,
    }),
  });

describe('memoryTransport', () => {
  it('connects clients to what is served in the same process', async () => {
    const transport = memoryTransport();
    await using listener = await transport.serve(service, { serverInfo, name: 'a' });
    expect(listener.address).toBe('memory:a');
    await using connection = await transport.connect({ url: 'memory:a' }, options);
    expect(connection.peer).toEqual({ revision: '2026-07-28', wire: 'memory' });
    expect((await connection.service(testCall('tools/list'))).result.value).toMatchObject({ method: 'tools/list' });
    expect(listener.clients).toBe(1);
    await connection.close();
    await vi.waitFor(() => expect(listener.clients).toBe(0));
  });

  it('serves the wire itself to whoever dials', async () => {
    const transport = memoryTransport();
    await using listener = await transport.serve(service, { serverInfo });
    await using end = wireEnd(await transport.dial(listener.address.slice('memory:'.length)));
    end.send('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    expect(await end.next()).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
  });

  it('accepts targets of its scheme only', () => {
    const transport = memoryTransport();
    expect(
      [{ url: 'memory:a' }, { url: 'http://a' }, { command: 'a' }].map((target) => transport.accepts(target)),
    ).toEqual([true, false, false]);
  });

  it('cannot reach what is not served, or not any more', async () => {
    const transport = memoryTransport();
    await expect(transport.connect({ url: 'memory:a' }, options)).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      facts: { upstream: 'there' },
    });
    const listener = await transport.serve(service, { serverInfo, name: 'a' });
    await using connection = await transport.connect({ url: 'memory:a' }, options);
    await Promise.all([listener.close(), listener.close()]);
    expect(await listener.closed).toBeUndefined();
    expect(await connection.closed).toBeInstanceOf(Error);
    await expect(transport.connect({ url: 'memory:a' }, options)).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
    });
  });

  it('gives free names, and no name twice', async () => {
    const transport = memoryTransport();
    await using one = await transport.serve(service, { serverInfo, name: '1' });
    await using two = await transport.serve(service, { serverInfo });
    expect([one.address, two.address]).toEqual(['memory:1', 'memory:2']);
    await expect(transport.serve(service, { serverInfo, name: '2' })).rejects.toThrow('memory:2 is served already');
  });

  it('keeps its names to itself', async () => {
    await using listener = await memoryTransport().serve(service, { serverInfo, name: 'a' });
    await expect(memoryTransport().connect({ url: listener.address }, options)).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
    });
  });
});
