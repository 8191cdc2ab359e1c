import { describe, expect, it } from 'vitest';
import type { Call } from '../../../call.ts';
import type { Reply } from '../../../reply.ts';
import { serveRig, type ServeRig } from '../../../testing/serve.ts';
import { RawObject } from '../../../wire/raw-object.ts';

const open = async (answer: (call: Call) => Promise<Reply>, revision = '2025-03-26'): Promise<ServeRig> => {
  const rig = serveRig((call) =>
    call.method === 'server/discover' ? Promise.resolve({ result: RawObject.of({ capabilities: {} }) }) : answer(call),
  );
  rig.end.send(
    `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"${revision}","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}`,
  );
  await rig.end.next();
  return rig;
};
const named = (call: Call): Promise<Reply> =>
  Promise.resolve({ result: RawObject.of({ resultType: 'complete', content: [], name: call.params.string('name') }) });
const tool = (id: number | string, name = 'a'): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"tools/call","params":{"name":"${name}"}}`;
const ping = (id: number): string => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`;

describe('a batch of a client of 2025-03-26', () => {
  it('is answered in one array, when all of it is', async () => {
    await using rig = await open(named);
    rig.end.send(` [${tool(1)}, {"jsonrpc":"2.0","method":"notifications/initialized"},${tool('x', 'b')}]`);
    expect(await rig.end.next()).toBe(
      '[{"jsonrpc":"2.0","id":1,"result":{"content":[],"name":"a"}},{"jsonrpc":"2.0","id":"x","result":{"content":[],"name":"b"}}]',
    );
  });

  it('is not answered where it asks nothing', async () => {
    await using rig = await open(named);
    rig.end.send('[{"jsonrpc":"2.0","method":"notifications/initialized"}]');
    rig.end.send(ping(5));
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":5,"result":{}}');
  });

  it('does not wait for a request that was cancelled', async () => {
    const called = Promise.withResolvers<void>();
    await using rig = await open((call) => {
      if (call.params.string('name') === 'a') return named(call);
      called.resolve();
      return new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(new Error('aborted'))));
    });
    rig.end.send(`[${tool(1)},${tool(2, 'endless')}]`);
    await called.promise;
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
    expect(await rig.end.next()).toBe('[{"jsonrpc":"2.0","id":1,"result":{"content":[],"name":"a"}}]');
  });

  it('leaves other answers alone meanwhile', async () => {
    const go = Promise.withResolvers<void>();
    await using rig = await open(async (call) => {
      await go.promise;
      return named(call);
    });
    rig.end.send(`[${tool(1)},${ping(2)}]`);
    rig.end.send(ping(3));
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":3,"result":{}}');
    go.resolve();
    expect(await rig.end.next()).toBe(
      '[{"jsonrpc":"2.0","id":2,"result":{}},{"jsonrpc":"2.0","id":1,"result":{"content":[],"name":"a"}}]',
    );
  });

  it.each([
    ['is empty', '[]'],
    ['has an id twice', `[${ping(1)},${ping(1)}]`],
    ['is too long', `[${Array.from({ length: 1_001 }, (_, id) => ping(id)).join()}]`],
    ['is no JSON', '[{]'],
  ])('is refused where it %s', async (_, batch) => {
    await using rig = await open(named);
    rig.end.send(batch);
    expect(await rig.end.next()).toMatch(/"error":\{"code":-32(?:600|700)/);
  });

  it.each(['2024-11-05', '2025-06-18', '2025-11-25'])('is refused of a client of %s', async (revision) => {
    await using rig = await open(named, revision);
    rig.end.send(`[${ping(1)}]`);
    expect(await rig.end.next()).toContain('"error":{"code":-32600');
  });
});
