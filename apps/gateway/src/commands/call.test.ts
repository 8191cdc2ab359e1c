import { type Call, RawObject, type Reply, type Service, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it, vi } from 'vitest';

import { FakeSurroundings, ProcessExit } from '../testing/fake-surroundings.ts';
import { FakeTransport } from '../testing/fake-transport.ts';
import { call, type CallOptions } from './call.ts';

function reply(result: Record<string, unknown>): Reply {
  return { result: RawObject.of({ resultType: 'complete', ...result }) };
}

function options(more: Partial<CallOptions> = {}): CallOptions {
  return { tool: 'files__read', args: '{"path":"x","n":9007199254740993}', json: false, ...more };
}

describe('toolyard call', () => {
  it('sends the arguments as they were typed and prints the text of the result', async () => {
    const seen: Call[] = [];
    const transport = new FakeTransport((received) => {
      seen.push(received);
      return Promise.resolve(reply({ content: [{ type: 'text', text: 'hello' }] }));
    });
    const surroundings = new FakeSurroundings();
    expect(await call(options(), surroundings, transport, '1.2.3')).toBe(0);
    expect(seen.map(({ method, params }) => [method, params.text])).toEqual([
      ['tools/call', '{"name":"files__read","arguments":{"path":"x","n":9007199254740993}}'],
    ]);
    expect(surroundings.written).toEqual(['hello']);
    expect(transport.connections[0]?.closes).toBe(1);
    expect(surroundings.listeners).toBe(0);
  });

  it('prints the result verbatim with --json', async () => {
    const result = RawObject.read(Buffer.from('{"resultType":"complete","content":[],"x":1.0}'));
    const surroundings = new FakeSurroundings();
    await call(options({ json: true }), surroundings, new FakeTransport(() => Promise.resolve({ result })), '1');
    expect(surroundings.written).toEqual(['{"resultType":"complete","content":[],"x":1.0}']);
  });

  it('shows progress beside the result', async () => {
    const surroundings = new FakeSurroundings();
    const transport = new FakeTransport(async (received) => {
      await received.notify({
        method: 'notifications/progress',
        params: RawObject.of({ progressToken: received.progressToken, progress: 1, total: 2, message: 'half' }),
      });
      return reply({ content: [] });
    });
    await call(options({ args: undefined }), surroundings, transport, '1');
    expect(surroundings.complained).toEqual(['1/2 half']);
  });

  it('ends with 1 when the tool failed, with what it said', async () => {
    const surroundings = new FakeSurroundings();
    const transport = new FakeTransport(() =>
      Promise.resolve(reply({ isError: true, content: [{ type: 'text', text: 'no such file' }] })),
    );
    expect(await call(options(), surroundings, transport, '1')).toBe(1);
    expect(surroundings.written).toEqual(['no such file']);
  });

  it('says that it cannot answer questions', async () => {
    const surroundings = new FakeSurroundings();
    const transport = new FakeTransport(() =>
      Promise.resolve(reply({ resultType: 'input_required', inputRequests: { a: {} } })),
    );
    expect(await call(options(), surroundings, transport, '1')).toBe(1);
    expect(surroundings.complained[0]).toMatch(/^The tool asks for input \(1 question\)/);
  });

  it('shows what the gateway has against the call', async () => {
    const error = RawObject.of({ code: -32602, message: 'There is no tool "x".', data: { nearest: ['xy'] } });
    const transport = new FakeTransport(() =>
      Promise.reject(new ToolyardError('UPSTREAM_ERROR', { upstream: 'gateway', error }, 'error')),
    );
    await expect(call(options(), new FakeSurroundings(), transport, '1')).rejects.toMatchObject({
      exitCode: 1,
      message: 'There is no tool "x". Near: "xy".',
    });
  });

  it.each(['nope', '[1]', '{"a":1'])(
    'refuses arguments that are no JSON object before it connects: %s',
    async (args) => {
      const transport = new FakeTransport(() => Promise.resolve(reply({})));
      await expect(call(options({ args }), new FakeSurroundings(), transport, '1')).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(/^The arguments must be a JSON object, such as '{"path":"notes.txt"}': /),
      });
      expect(transport.targets).toEqual([]);
    },
  );

  it('says in one sentence that no gateway is there', async () => {
    const transport = new FakeTransport(() => Promise.resolve(reply({})));
    transport.refusals = 1;
    await expect(call(options(), new FakeSurroundings(), transport, '1')).rejects.toMatchObject({
      exitCode: 69,
      message:
        'No gateway answers at http://127.0.0.1:7420; start one with "toolyard up", or name another with --url or TOOLYARD_URL.',
    });
  });

  it('cancels the call at the first signal, and ends at once at the second', async () => {
    const surroundings = new FakeSurroundings();
    const service = vi.fn<Service>(
      ({ signal }) => new Promise<Reply>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const calling = call(options(), surroundings, new FakeTransport(service), '1');
    await vi.waitFor(() => expect(service).toHaveBeenCalled());
    surroundings.signal('SIGINT');
    expect(() => surroundings.signal('SIGINT')).toThrow(new ProcessExit(130));
    await expect(calling).rejects.toMatchObject({ exitCode: 130, message: 'Cancelled.' });
  });
});
