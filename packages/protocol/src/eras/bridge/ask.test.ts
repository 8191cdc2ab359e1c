import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../call.ts';
import { createPipePair } from '../../memory/pipe-pair.ts';
import type { Reply } from '../../reply.ts';
import { wireEnd, type WireEnd } from '../../testing/wire-end.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { serveLegacy } from '../legacy/server/server.ts';
import type { PipeServeOptions } from '../pipe/pipe-options.ts';

interface Rig extends AsyncDisposable {
  readonly end: WireEnd;
  readonly calls: Call[];
}

type Answer = (call: Call, round: number) => Promise<Reply>;

async function session(
  answer: Answer,
  client: string,
  options: Partial<PipeServeOptions> = {},
  revision = '2025-11-25',
): Promise<Rig> {
  const calls: Call[] = [];
  const [near, far] = createPipePair();
  const end = wireEnd(far);
  const serving = serveLegacy(
    near,
    (call) => {
      if (call.method === 'server/discover')
        return Promise.resolve({ result: RawObject.of({ resultType: 'complete', capabilities: {} }) });
      calls.push(call);
      return answer(call, calls.length);
    },
    { serverInfo: { name: 'toolyard', version: '1.0.0' }, ...options },
  );
  end.send(
    `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"${revision}","capabilities":${client},"clientInfo":{"name":"c","version":"9"}}}`,
  );
  await end.next();
  return { end, calls, [Symbol.asyncDispose]: () => serving.close() };
}

/** Calls that were not cancelled: one that was before it was made asks for nothing. */
const made = ({ calls }: Rig): readonly Call[] => calls.filter(({ signal }) => !signal.aborted);
const reply = (text: string): Reply => ({ result: RawObject.read(new TextEncoder().encode(text)) });
const asks = (requests: string, state = '"s"'): Reply =>
  reply(`{"resultType":"input_required","inputRequests":${requests},"requestState":${state}}`);
const done = reply('{"resultType":"complete","content":[]}');
const elicit =
  '{"method":"elicitation/create","params":{"message":"Who?","requestedSchema":{"type":"object","properties":{}}}}';
const callTool = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","arguments":{"n":1.0}}}';
const everything = '{"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{}}';

afterEach(() => {
  vi.useRealTimers();
});

describe('a question of a server to a client before 2026-07-28', () => {
  it('is a request in the lane of the call, and the answer goes back with the requestState byte for byte', async () => {
    const state = '"\\u0061 \\"b\\" 9007199254740993"';
    await using rig = await session(
      (_, round) => Promise.resolve(round === 1 ? asks(`{"who":${elicit}}`, state) : done),
      everything,
    );
    rig.end.send(callTool);
    expect(await rig.end.answer('"result":{"action":"accept","content":{"n":1.50}}')).toBe(
      '{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{"message":"Who?","requestedSchema":{"type":"object","properties":{}}}}',
    );
    expect(rig.end.lanes.at(-1)).toBe('7');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":7,"result":{"content":[]}}');
    expect(rig.calls[1]?.params.text).toBe(
      `{"name":"a","arguments":{"n":1.0},"inputResponses":{"who":{"action":"accept","content":{"n":1.50}}},"requestState":${state}}`,
    );
  });

  it('may come with others, which are asked at once', async () => {
    const questions = `{"a":${elicit},"b":{"method":"roots/list"},"c":{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}}`;
    await using rig = await session((_, round) => Promise.resolve(round === 1 ? asks(questions) : done), everything);
    rig.end.send(callTool);
    const sent = [await rig.end.next(), await rig.end.next(), await rig.end.next()];
    expect(sent.map((message) => JSON.parse(message) as { method: string }).map(({ method }) => method)).toEqual([
      'elicitation/create',
      'roots/list',
      'sampling/createMessage',
    ]);
    rig.end.send('{"jsonrpc":"2.0","id":3,"result":{"role":"assistant"}}');
    rig.end.send('{"jsonrpc":"2.0","id":2,"result":{"roots":[]}}');
    rig.end.send('{"jsonrpc":"2.0","id":1,"result":{"action":"decline"}}');
    expect(await rig.end.next()).toContain('"id":7,"result"');
    expect(rig.calls[1]?.params.object('inputResponses')?.value).toEqual({
      a: { action: 'decline' },
      b: { roots: [] },
      c: { role: 'assistant' },
    });
  });

  it('that sends the user to a URL gets an id', async () => {
    const url = '{"method":"elicitation/create","params":{"mode":"url","message":"Go","url":"https://example.com"}}';
    await using rig = await session(
      (_, round) => Promise.resolve(round === 1 ? asks(`{"go":${url}}`) : done),
      everything,
    );
    rig.end.send(callTool);
    expect(await rig.end.answer('"result":{"action":"accept"}')).toMatch(/"elicitationId":"[0-9a-f-]{36}"/);
    await rig.end.next();
  });

  it.each([
    ['elicitation', '{}', elicit],
    [
      'elicitation.url',
      '{"elicitation":{}}',
      '{"method":"elicitation/create","params":{"mode":"url","message":"Go","url":"https://example.com"}}',
    ],
    ['elicitation.form', '{"elicitation":{"url":{}}}', elicit],
    ['sampling', '{"elicitation":{}}', '{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}'],
    [
      'sampling.tools',
      '{"sampling":{}}',
      '{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1,"tools":[]}}',
    ],
    ['roots', '{}', '{"method":"roots/list"}'],
  ])('that it has no capability for (%s) makes the tool fail', async (missing, client, question) => {
    await using rig = await session(() => Promise.resolve(asks(`{"q":${question}}`)), client);
    rig.end.send(callTool);
    const answer: unknown = JSON.parse(await rig.end.next());
    expect(answer).toMatchObject({ id: 7, result: { isError: true, content: [{ type: 'text' }] } });
    expect(JSON.stringify(answer)).toContain(`this client has no capability ${missing}.`);
    expect(made(rig)).toHaveLength(1);
  });

  it('is an error where no tool was called', async () => {
    await using rig = await session(() => Promise.resolve(asks(`{"q":${elicit}}`)), '{}');
    rig.end.send('{"jsonrpc":"2.0","id":7,"method":"prompts/get","params":{"name":"a"}}');
    expect(JSON.parse(await rig.end.next())).toMatchObject({
      id: 7,
      error: { code: 1110, data: { code: 'QUESTION_FAILED', method: 'elicitation/create' } },
    });
  });

  it('that the user could not be asked counts as cancelled by the user', async () => {
    await using rig = await session(
      (_, round) => Promise.resolve(round === 1 ? asks(`{"who":${elicit}}`) : done),
      everything,
    );
    rig.end.send(callTool);
    await rig.end.answer('"error":{"code":-32603,"message":"no window"}');
    await rig.end.next();
    expect(rig.calls[1]?.params.object('inputResponses')?.text).toBe('{"who":{"action":"cancel"}}');
  });

  it('that the client refuses makes the tool fail, and the other questions are cancelled', async () => {
    await using rig = await session(
      () => Promise.resolve(asks(`{"a":{"method":"roots/list"},"b":${elicit}}`)),
      everything,
    );
    rig.end.send(callTool);
    await rig.end.answer('"error":{"code":-1,"message":"rejected"}');
    await rig.end.next();
    const rest = [await rig.end.next(), await rig.end.next()];
    expect(rest).toContain('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
    expect(rest.find((message) => message.includes('"id":7'))).toContain('"isError":true');
    expect(rig.end.lanes.slice(1)).toEqual(['7', '7', '7', '7']);
  });

  it('is cancelled with the call', async () => {
    await using rig = await session(() => Promise.resolve(asks(`{"who":${elicit}}`)), everything);
    rig.end.send(callTool);
    await rig.end.next();
    rig.end.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}');
    rig.end.send('{"jsonrpc":"2.0","id":8,"method":"ping"}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":8,"result":{}}');
    expect(rig.calls[0]?.signal.aborted).toBe(true);
    expect(rig.calls).toHaveLength(2);
  });

  it.each([
    ['is cancelled', '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}'],
    ['was refused', '{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"rejected"}}'],
  ])('that %s is let go of at the server: by a retry that is cancelled before it is made', async (_, message) => {
    const roots = '{"method":"roots/list"}';
    await using rig = await session(() => Promise.resolve(asks(`{"where":${roots}}`, '"st\\u0061te"')), everything);
    rig.end.send(callTool);
    await rig.end.next();
    rig.end.send(message);
    await vi.waitFor(() => expect(rig.calls).toHaveLength(2));
    expect(rig.calls[1]?.signal.aborted).toBe(true);
    expect(rig.calls[1]?.params.text).toBe('{"name":"a","arguments":{"n":1.0},"requestState":"st\\u0061te"}');
  });

  it('may follow on another, as often as it may and no more', async () => {
    await using rig = await session(() => Promise.resolve(asks(`{"who":${elicit}}`)), everything, { maxAskRounds: 2 });
    rig.end.send(callTool);
    await rig.end.answer('"result":{"action":"accept"}');
    await rig.end.answer('"result":{"action":"accept"}');
    expect(await rig.end.next()).toContain('more than 2 times');
    expect(made(rig)).toHaveLength(3);
  });

  it('waits so long and no longer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using rig = await session(
      (_, round) => Promise.resolve(round === 1 ? asks(`{"who":${elicit}}`) : done),
      everything,
      { askTimeoutMs: 1_000 },
    );
    rig.end.send(callTool);
    await rig.end.next();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"timeout"}}',
    );
    expect(await rig.end.next()).toContain('"id":7,"result"');
    expect(rig.calls[1]?.params.object('inputResponses')?.text).toBe('{"who":{"action":"cancel"}}');
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('a server that asks nothing and wants to be called again is called again, ever later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const again = reply('{"resultType":"input_required","requestState":"later"}');
  await using rig = await session((_, round) => Promise.resolve(round < 3 ? again : done), '{}');
  rig.end.send(callTool);
  await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(99);
  expect(rig.calls).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(rig.calls).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(199);
  expect(rig.calls).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":7,"result":{"content":[]}}');
  expect(rig.calls[2]?.params.text).toBe('{"name":"a","arguments":{"n":1.0},"requestState":"later"}');
});

describe('a page that the user of an older client is sent to', () => {
  const url = '{"method":"elicitation/create","params":{"mode":"url","message":"Go","url":"https://example.com"}}';

  it('is over, for a server that has no word for it, once the call goes on', async () => {
    await using rig = await session(
      (_, round) => Promise.resolve(round === 1 ? asks(`{"go":${url}}`) : done),
      everything,
    );
    rig.end.send(callTool);
    const asked = await rig.end.answer('"result":{"action":"accept"}');
    const id = /"elicitationId":"([^"]+)"/.exec(asked)?.[1];
    expect(await rig.end.next()).toBe(
      `{"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":"${String(id)}"}}`,
    );
    expect(rig.end.lanes.at(-1)).toBe('7');
    expect(await rig.end.next()).toContain('"id":7,"result"');
  });

  it('is not spoken of where the user did not go', async () => {
    await using rig = await session(
      (_, round) => Promise.resolve(round === 1 ? asks(`{"go":${url}}`) : done),
      everything,
    );
    rig.end.send(callTool);
    await rig.end.answer('"result":{"action":"decline"}');
    expect(await rig.end.next()).toContain('"id":7,"result"');
  });

  it('is over when a server of 2025-11-25 says so, to the client that was sent there', async () => {
    const named = url.replace('"mode"', '"elicitationId":"e1","mode"');
    await using rig = await session(async (call, round) => {
      for (const elicitationId of ['e1', 'foreign']) {
        await call.notify({ method: 'notifications/elicitation/complete', params: RawObject.of({ elicitationId }) });
      }
      return round === 1 ? asks(`{"go":${named}}`) : done;
    }, everything);
    rig.end.send(callTool);
    expect(await rig.end.answer('"result":{"action":"accept"}')).toContain('"elicitationId":"e1"');
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":"e1"}}',
    );
    expect(await rig.end.next()).toContain('"id":7,"result"');
  });

  it('cannot be named to a client of 2025-06-18, whose tool call fails with words', async () => {
    await using rig = await session(() => Promise.resolve(asks(`{"go":${url}}`)), everything, {}, '2025-06-18');
    rig.end.send(callTool);
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"The server asked for elicitation/create, which could not be answered: revision 2025-06-18, which this client speaks, cannot put it."}],"isError":true}}',
    );
  });
});

describe('a client of an older revision', () => {
  it('is asked for a sample in words that it knows', async () => {
    const sampling =
      '{"method":"sampling/createMessage","params":{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}],"maxTokens":1}}';
    await using rig = await session(
      (_, round) => Promise.resolve(round === 1 ? asks(`{"s":${sampling}}`) : done),
      everything,
      {},
      '2024-11-05',
    );
    rig.end.send(callTool);
    expect(await rig.end.answer('"result":{"role":"assistant"}')).toBe(
      '{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"messages":[{"role":"user","content":{"type":"text","text":"a"}},{"role":"user","content":{"type":"text","text":"b"}}],"maxTokens":1}}',
    );
    expect(await rig.end.next()).toContain('"id":7,"result"');
  });

  it('is told progress that grows over all rounds of its one request', async () => {
    await using rig = await session(async (call, round) => {
      for (const progress of [1, 2])
        await call.notify({
          method: 'notifications/progress',
          params: RawObject.of({ progressToken: 't', progress: progress * (round === 1 ? 2 : 3) }),
        });
      return round === 1 ? asks(`{"who":${elicit}}`) : done;
    }, everything);
    rig.end.send(callTool.replace('"name"', '"_meta":{"progressToken":"t"},"name"'));
    const progress = async (): Promise<unknown> =>
      (JSON.parse(await rig.end.next()) as { params: { progress: unknown } }).params.progress;
    expect([await progress(), await progress()]).toEqual([2, 4]);
    await rig.end.answer('"result":{"action":"decline"}');
    expect(await progress()).toBe(6);
    expect(await rig.end.next()).toContain('"id":7,"result"');
  });
});
