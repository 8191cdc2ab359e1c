import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../call.ts';
import { createPipePair } from '../../memory/pipe-pair.ts';
import { testCall, type TestCall } from '../../testing/call.ts';
import { initializeResult } from '../../testing/pipes.ts';
import { wireEnd, type WireEnd } from '../../testing/wire-end.ts';
import type { Connection } from '../../transport.ts';
import { connectLegacy } from '../legacy/client/client.ts';
import { UrlElicitations } from './url-elicitations.ts';
import { RawObject } from '../../wire/raw-object.ts';

interface Rig extends AsyncDisposable {
  readonly connection: Connection;
  readonly end: WireEnd;
}

async function session(pageWaitMs = 60_000): Promise<Rig> {
  const [near, far] = createPipePair();
  const end = wireEnd(far);
  const connecting = connectLegacy(near, {
    upstream: 'old',
    clientInfo: { name: 'toolyard', version: '1.0.0' },
    wire: 'memory',
    pageWaitMs,
  });
  await end.answer(initializeResult('{"tools":{}}'));
  await end.next();
  const connection = await connecting;
  return { connection, end, [Symbol.asyncDispose]: () => connection.close() };
}

const urls = { elicitation: { url: {} } };
const page = '{"mode":"url","message":"Log in","url":"https://example.com/in","elicitationId":"e1"}';
const required = (pages = page): string =>
  `"error":{"code":-32042,"message":"Log in first","data":{"elicitations":[${pages}]}}`;
const call = (
  params: Readonly<Record<string, unknown>> = {},
  capabilities: Readonly<Record<string, unknown>> = urls,
): TestCall => testCall('tools/call', { params: { name: 'a', ...params }, capabilities });
const retry = (action = 'accept'): TestCall => call({ inputResponses: { e1: { action } } });
const complete = '{"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":"e1"}}';
const told = { method: 'notifications/elicitation/complete', params: { elicitationId: 'e1' } };

async function sent(rig: Rig, asked: Call = call()): Promise<void> {
  const reply = rig.connection.service(asked);
  await rig.end.answer(required());
  await reply;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a call that a server of 2025-11-25 refuses until its user has opened a page', () => {
  it('asks for that under the id of the elicitation, and the retry is the call once more', async () => {
    await using rig = await session();
    const first = rig.connection.service(call());
    await rig.end.answer(required());
    expect((await first).result.text).toBe(
      `{"resultType":"input_required","inputRequests":{"e1":{"method":"elicitation/create","params":${page}}}}`,
    );
    const second = rig.connection.service(retry());
    expect(await rig.end.answer('"result":{"content":[]}')).toBe(
      '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"a"}}',
    );
    expect((await second).result.value).toEqual({ resultType: 'complete', content: [] });
  });

  it('waits for the page where the retry was too quick, tells that it is done, and calls again', async () => {
    await using rig = await session();
    await sent(rig);
    const again = retry();
    const reply = rig.connection.service(again);
    await rig.end.answer(required());
    rig.end.send(complete);
    await rig.end.answer('"result":{"content":[]}');
    await reply;
    expect(again.notified).toEqual([told]);
  });

  it('knows of a page that was done before the retry', async () => {
    await using rig = await session();
    await sent(rig);
    rig.end.send(complete);
    await vi.waitFor(async () => {
      const again = retry();
      const reply = rig.connection.service(again);
      await rig.end.answer('"result":{"content":[]}');
      await reply;
      expect(again.notified).toEqual([told]);
    });
  });

  it('asks once more where the user takes longer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using rig = await session(1_000);
    await sent(rig);
    const reply = rig.connection.service(retry());
    await rig.end.answer(required());
    await vi.advanceTimersByTimeAsync(1_000);
    await rig.end.answer(required());
    expect((await reply).result.string('resultType')).toBe('input_required');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not wait for a caller who has gone', async () => {
    await using rig = await session();
    await sent(rig);
    const again = retry();
    const reply = rig.connection.service(again);
    await rig.end.answer(required());
    await new Promise((resolve) => setImmediate(resolve));
    again.abort();
    await expect(reply).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it.each(['decline', 'cancel'])('fails where the user chose to %s', async (action) => {
    await using rig = await session();
    await sent(rig);
    await expect(rig.connection.service(retry(action))).rejects.toMatchObject({
      code: 'QUESTION_FAILED',
      facts: { reason: `the user chose to ${action}` },
    });
    expect(rig.end.seen.filter((message) => message.includes('tools/call'))).toHaveLength(1);
  });

  it('fails where its caller cannot be sent to a page', async () => {
    await using rig = await session();
    const reply = rig.connection.service(call({}, { elicitation: {} }));
    const failed = reply.catch((error: unknown) => error);
    await rig.end.answer(required());
    expect(await failed).toMatchObject({
      code: 'QUESTION_FAILED',
      facts: { reason: 'this client has no capability elicitation.url' },
    });
    await expect(reply).rejects.toThrow('Log in first');
  });

  it.each([
    ['names no page', '"error":{"code":-32042,"message":"x"}'],
    ['names too many', required(Array.from({ length: 17 }, (_, at) => page.replace('e1', `e${at}`)).join())],
    ['names one without an id', required('{"mode":"url","message":"m","url":"https://example.com"}')],
    ['names one without a URL', required('{"mode":"url","message":"m","elicitationId":"e1"}')],
  ])('fails with its error where that %s', async (_, error) => {
    await using rig = await session();
    const failed = rig.connection.service(call()).catch((thrown: unknown) => thrown);
    await rig.end.answer(error);
    expect(await failed).toMatchObject({ code: 'UPSTREAM_ERROR' });
  });
});

describe('a question that sends the user to a page', () => {
  it('tells its caller, once it is back, that the server knows', async () => {
    await using rig = await session();
    const first = rig.connection.service(call());
    await rig.end.next();
    rig.end.send(`{"jsonrpc":"2.0","id":11,"method":"elicitation/create","params":${page}}`);
    const requestState = (await first).result.string('requestState');
    rig.end.send(complete);
    await new Promise((resolve) => setImmediate(resolve));
    const again = call({ requestState, inputResponses: { q1: { action: 'accept' } } });
    const reply = rig.connection.service(again);
    await rig.end.next();
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{"content":[]}}');
    await reply;
    expect(again.notified).toEqual([told]);
  });
});

it('remembers so many pages and no more', async () => {
  const pages = new UrlElicitations(0);
  for (let at = 0; at <= 1_000; at++) pages.complete(RawObject.of({ elicitationId: `e${at}` }));
  const told = call({ inputResponses: { e0: { action: 'accept' }, e1: { action: 'accept' } } });
  await pages.through(told, () => Promise.resolve({ result: RawObject.empty }));
  expect(told.notified.map(({ params }) => params)).toEqual([{ elicitationId: 'e1' }]);
});
