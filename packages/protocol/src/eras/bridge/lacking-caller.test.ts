import { describe, expect, it } from 'vitest';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import { toWireError } from '../../errors/wire-error.ts';
import { asked, call, elicit, retry, session } from './testing/old-server.ts';

const failure = '"error":{"code":-32603,"message":"I needed that"}';
const pages =
  '{"jsonrpc":"2.0","id":11,"method":"elicitation/create","params":{"mode":"url","url":"https://a.b/","elicitationId":"e"}}';

describe('a server that asks what its caller did not declare', () => {
  it.each([
    [elicit(11), {}, { elicitation: {} }],
    [pages, { elicitation: {} }, { elicitation: { url: {} } }],
    ['{"jsonrpc":"2.0","id":11,"method":"roots/list"}', { sampling: {} }, { roots: {} }],
  ])(
    'is refused, and where it then fails the caller is told what it lacks',
    async (question, capabilities, required) => {
      await using rig = await session();
      const reply = rig.connection.service(call({ capabilities }));
      await rig.end.next();
      rig.end.send(question);
      expect(await rig.end.next()).toContain('"id":11,"error":{"code":-32601');
      rig.end.send(`{"jsonrpc":"2.0","id":2,${failure}}`);
      const error: unknown = await reply.catch((thrown: unknown) => thrown);
      const { error: told, httpStatus } = toWireError(error);
      expect(httpStatus).toBe(400);
      expect(told.value).toMatchObject({ code: -32021, data: { requiredCapabilities: required } });
      expect(told.string('message')).toContain('I needed that');
    },
  );

  it.each([
    ['its own result, though it says that it failed', '"result":{"content":[],"isError":true}'],
    ['its own result', '"result":{"content":[]}'],
  ])('passes on %s', async (_, answer) => {
    await using rig = await session();
    const reply = rig.connection.service(call({ capabilities: {} }));
    await rig.end.next();
    rig.end.send(elicit(11));
    await rig.end.next();
    rig.end.send(`{"jsonrpc":"2.0","id":2,${answer}}`);
    expect((await reply).result.has('content')).toBe(true);
  });

  it('may still send its caller to a page in so many words', async () => {
    await using rig = await session();
    const reply = rig.connection.service(call({ capabilities: { elicitation: { url: {} } } }));
    await rig.end.next();
    rig.end.send('{"jsonrpc":"2.0","id":11,"method":"roots/list"}');
    await rig.end.next();
    const elicitations = '[{"mode":"url","url":"https://a.b/","elicitationId":"e","message":"Go"}]';
    rig.end.send(
      `{"jsonrpc":"2.0","id":2,"error":{"code":-32042,"message":"m","data":{"elicitations":${elicitations}}}}`,
    );
    expect((await reply).result.string('resultType')).toBe('input_required');
  });

  it('is not blamed for a failure of a call without a question', async () => {
    await using rig = await session();
    const reply = rig.connection.service(call({ capabilities: {} }));
    await rig.end.answer(failure);
    await expect(reply).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' });
  });
});

describe('a server that refuses to be answered', () => {
  /** A session whose far end refuses answers with this error, as an HTTP server may. */
  const deafServer = (error: ToolyardError): ReturnType<typeof session> =>
    session({}, (pipe) => ({
      send: (bytes, about) =>
        /^\{"jsonrpc":"2.0","id":"q/.test(new TextDecoder().decode(bytes))
          ? Promise.reject(error)
          : pipe.send(bytes, about),
      start: (receiver) => pipe.start(receiver),
      close: () => pipe.close(),
    }));
  const status = new ToolyardError('UPSTREAM_STATUS', { upstream: 'old', status: 400 }, 'old refused the request.');

  it('fails the call at once, whose request is given up', async () => {
    await using rig = await deafServer(status);
    const first = asked(rig, call());
    await rig.end.next();
    rig.end.send(elicit('q'));
    const { state } = await first;
    await expect(rig.connection.service(retry(state, { q1: { action: 'accept' } }))).rejects.toMatchObject({
      code: 'UPSTREAM_STATUS',
      facts: { upstream: 'old', status: 400 },
      message: 'old asked back and then refused the answer (HTTP status 400).',
    });
    expect(await rig.end.next()).toContain('"method":"notifications/cancelled","params":{"requestId":2');
  });

  it('fails the call at once where what it refuses is a refusal', async () => {
    await using rig = await deafServer(status);
    const reply = rig.connection.service(call({ capabilities: {} }));
    await rig.end.next();
    rig.end.send(elicit('q'));
    await expect(reply).rejects.toMatchObject({ code: 'UPSTREAM_STATUS' });
  });

  it('keeps the failure for the retry of a call that waits for another answer', async () => {
    await using rig = await deafServer(status);
    const first = asked(rig, call());
    await rig.end.next();
    rig.end.send(elicit('q1'));
    rig.end.send(elicit('q2'));
    const one = await first;
    const two = await asked(rig, retry(one.state, { q1: { action: 'accept' } }));
    await rig.end.next();
    await expect(rig.connection.service(retry(two.state, {}))).rejects.toMatchObject({ code: 'UPSTREAM_STATUS' });
  });
});
