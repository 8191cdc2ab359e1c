import { RawObject, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { fakeServer, rawItem } from '../testing/fake-server.ts';
import { ask, call, caller, oddResult, orchestrate, started } from '../testing/harness.ts';

describe('flat naming', () => {
  it('lists and calls the tools under the names that the server gave them, bytes untouched', async () => {
    const odd = '{ "name":"read.file","inputSchema":{"type":"object","x":1.0} }';
    const only = fakeServer({ tools: [rawItem(odd)] });
    await using fleet = await started({ only }, { naming: 'flat' });
    const { result } = await fleet.service(call('tools/list'));
    expect(result.array('tools')?.[0]?.text).toBe(odd);
    const params = RawObject.of({ name: 'read.file' });
    await ask(fleet, 'tools/call', params);
    expect(only.called('tools/call')[0]?.params).toBe(params);
  });

  it.each(['tasks/get', 'x/y', 'tools/call', 'prompts/get', 'resources/read', 'completion/complete'])(
    'relays %s whole, whatever it names',
    async (method) => {
      const only = fakeServer();
      await using fleet = await started({ only }, { naming: 'flat' });
      const capabilities = RawObject.of({ extensions: { 'io.modelcontextprotocol/tasks': {} } });
      const params = RawObject.of({ name: 'unlisted', taskId: '1' });
      await ask(fleet, method, params, { caller: { ...caller, capabilities } });
      expect(only.called(method)[0]?.params).toBe(params);
      expect(only.called(method)[0]?.caller.capabilities).toBe(capabilities);
    },
  );

  it('relays what nobody here has heard of: params, extensions declared, result and what is told meanwhile, byte for byte', async () => {
    const only = fakeServer({
      answers: {
        'x.y/do': async ({ notify }) => {
          await notify({ method: 'notifications/x.y/half', params: RawObject.read(Buffer.from('{"n": 1.0}')) });
          return RawObject.read(Buffer.from(oddResult));
        },
      },
    });
    await using fleet = await started({ only }, { naming: 'flat' });
    const params = RawObject.read(Buffer.from('{"big":9007199254740993, "_meta":{"x.y/z":1.0}}'));
    const capabilities = RawObject.read(Buffer.from('{"extensions":{"x.y/z":{"n":1.0}},"experimental":{}}'));
    const told: string[] = [];
    const { result } = await fleet.service(
      call('x.y/do', params, {
        caller: { ...caller, capabilities },
        notify: async ({ method, params: said }) => void told.push(`${method} ${said.text}`),
      }),
    );
    expect(result.text).toBe(oddResult);
    expect(told).toEqual(['notifications/x.y/half {"n": 1.0}']);
    expect(only.called('x.y/do')[0]?.params).toBe(params);
    expect(only.called('x.y/do')[0]?.caller.capabilities).toBe(capabilities);
  });

  it('relays the error of a method that the server does not know either', async () => {
    const error = RawObject.read(Buffer.from('{"code":-32601,"message":"nope","data":{"n":1.0}}'));
    const refusal = new ToolyardError('UPSTREAM_ERROR', { upstream: 'only', error }, 'nope');
    const only = fakeServer({ answers: { 'x.y/do': () => Promise.reject(refusal) } });
    await using fleet = await started({ only }, { naming: 'flat' });
    await expect(ask(fleet, 'x.y/do')).rejects.toBe(refusal);
  });

  it('says that the server is absent while it is', async () => {
    await using fleet = await started({ only: fakeServer({ connecting: 'refuse' }) }, { naming: 'flat' });
    await expect(ask(fleet, 'tools/call', { name: 'x' })).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });

  it('is for one server', () => {
    expect(() => orchestrate({ a: fakeServer(), b: fakeServer() }, { naming: 'flat' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});
