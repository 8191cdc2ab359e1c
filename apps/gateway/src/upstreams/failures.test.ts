import { RawObject, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';

import { FakeTransport } from '../testing/fake-transport.ts';
import { createFailures } from './failures.ts';

const options = { upstream: 'demo', clientInfo: { name: 't', version: '1' } };

describe('why a server is down', () => {
  it('is what its transport said when it could not be reached, until it is', async () => {
    const inner = new FakeTransport(() => Promise.resolve({ result: RawObject.empty }));
    const failures = createFailures();
    const transport = failures.watch(inner);
    inner.refusals = 1;
    await expect(transport.connect({ url: 'http://h/mcp' }, options)).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
    });
    expect(failures.of('demo')).toBe('demo refused.');
    await using _ = await transport.connect({ url: 'http://h/mcp' }, options);
    expect(failures.of('demo')).toBeUndefined();
  });

  it('is how it died when it was up before, known by the time anyone hears of it', async () => {
    const inner = new FakeTransport(() => Promise.resolve({ result: RawObject.empty }));
    const failures = createFailures();
    const connection = await failures.watch(inner).connect({ url: 'http://h/mcp' }, options);
    const heard = connection.closed.then(() => failures.of('demo'));
    inner.connections[0]?.end(new ToolyardError('UPSTREAM_CLOSED', { upstream: 'demo' }, 'srv was ended by SIGKILL'));
    expect(await heard).toBe('srv was ended by SIGKILL');
  });

  it('is forgotten with the server', async () => {
    const inner = new FakeTransport(() => Promise.resolve({ result: RawObject.empty }));
    const failures = createFailures();
    inner.refusals = 1;
    await expect(failures.watch(inner).connect({ url: 'http://h/mcp' }, options)).rejects.toThrow('refused');
    failures.forget('demo');
    expect(failures.of('demo')).toBeUndefined();
  });

  it('is nothing when we closed it ourselves', async () => {
    const inner = new FakeTransport(() => Promise.resolve({ result: RawObject.empty }));
    const failures = createFailures();
    const connection = await failures.watch(inner).connect({ url: 'http://h/mcp' }, options);
    await connection.close();
    await connection.closed;
    expect(failures.of('demo')).toBeUndefined();
  });
});
