import { RawObject, ToolyardError } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeUpstream } from '../testing/fake-upstream.ts';
import { caller } from '../testing/harness.ts';
import { Feed } from './feed.ts';
import type { Member } from './member.ts';
import type { Topic } from './topics.ts';
import { resourceTopic, taskTopic, updateOf } from './topics.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const uris = (...some: string[]): string => JSON.stringify({ resourceSubscriptions: some });

function rig(upstream = fakeUpstream()) {
  const feed = new Feed({
    upstream,
    caller,
    pace: { gapMs: 100, lingerMs: 1000, ackTimeoutMs: 2000 },
    delays: { firstDelayMs: 1000, maxDelayMs: 60_000 },
    random: () => 0.5,
    now: () => performance.now(),
  });
  /** Takes part, and notes what is told and what was honoured. */
  const join = (...subjects: string[]): { readonly told: string[]; honoured?: readonly Topic[]; member: Member } => {
    const told: string[] = [];
    const topics = subjects.map((one) => (/^[rt]:/.test(one) ? (one as Topic) : resourceTopic(one)));
    const member = feed.join(new Set(topics), (_, { params }) => void told.push(params.string('uri') ?? params.text));
    const joined: { readonly told: string[]; honoured?: readonly Topic[]; member: Member } = { told, member };
    void member.honoured.then((honoured) => (joined.honoured = [...honoured]));
    return joined;
  };
  return { feed, upstream, join };
}

describe('a feed', () => {
  it('is one subscription however many want the same', async () => {
    const { upstream, join } = rig();
    const all = Array.from({ length: 1000 }, () => join('a:1'));
    await tick(10_000);
    expect(upstream.streams.map(({ asked }) => asked)).toEqual([uris('a:1')]);
    await upstream.streams[0]?.tell(updateOf('a:1'));
    expect(all.every(({ told }) => told.join() === 'a:1')).toBe(true);
    expect(all.every(({ honoured }) => honoured?.join() === 'r:a:1')).toBe(true);
  });

  it('opens the next subscription before it ends the last, and ends it a little later', async () => {
    const { upstream, join } = rig();
    const first = join('a:1');
    await tick(100);
    upstream.prompt = false;
    const second = join('a:2');
    await tick();
    expect(upstream.open).toEqual([uris('a:1'), uris('a:1', 'a:2')]);
    const [old, next] = upstream.streams;
    await old?.tell(updateOf('a:1'));
    expect(second.honoured).toBeUndefined();
    await next?.acknowledge();
    // On its way before the server had both.
    await old?.tell(updateOf('a:1'));
    await next?.tell(updateOf('a:2'));
    expect([first.told, second.told]).toEqual([['a:1', 'a:1'], ['a:2']]);
    await tick(100);
    expect(upstream.open).toEqual([uris('a:1', 'a:2')]);
    expect(second.honoured).toEqual(['r:a:2']);
  });

  it('makes one change of many that come together, and of those that come while it is under way', async () => {
    const { upstream, join } = rig();
    upstream.prompt = false;
    for (let i = 0; i < 100; i++) join(`a:${i}`);
    await tick();
    await upstream.streams[0]?.acknowledge();
    upstream.prompt = true;
    for (let i = 100; i < 200; i++) join(`a:${i}`);
    await tick(1000);
    expect(upstream.streams.map(({ asked }) => asked.split(',').length)).toEqual([1, 200]);
    expect(upstream.open).toHaveLength(1);
  });

  it('follows who leaves, after a while, and who is back by then changes nothing', async () => {
    const { upstream, feed, join } = rig();
    const first = join('a:1', 'a:2');
    join('a:2');
    await tick(100);
    feed.leave(first.member);
    feed.leave(first.member);
    await upstream.streams[0]?.tell(updateOf('a:1'));
    expect(first.told).toEqual([]);
    await tick(999);
    const again = join('a:1');
    await tick(5000);
    expect([again.honoured, upstream.streams.length]).toEqual([['r:a:1'], 1]);
    feed.leave(again.member);
    await tick(1100);
    expect(upstream.open).toEqual([uris('a:2')]);
  });

  it('ends with the last who leaves, and leaves no timer', async () => {
    const { upstream, feed, join } = rig();
    const members = [join('a:1'), join('a:2')].map(({ member }) => member);
    await tick();
    for (const member of members) feed.leave(member);
    await tick();
    expect([upstream.open, feed.empty, vi.getTimerCount()]).toEqual([[], true, 0]);
  });

  it('tells each what its own filter covers, parts of a resource included, and each thing once', async () => {
    const { upstream, join } = rig();
    const one = join('memo://a', 'memo://a/b');
    const other = join('memo://ab');
    const sound = join('memo://a/b#c');
    await tick(200);
    const stream = upstream.streams.at(-1);
    for (const uri of ['memo://a/b', 'memo://a/b#c', 'memo://ab?x', 'memo://other']) await stream?.tell(updateOf(uri));
    expect(one.told).toEqual(['memo://a/b', 'memo://a/b#c']);
    expect(other.told).toEqual(['memo://ab?x']);
    expect(sound.told).toEqual(['memo://a/b#c']);
  });

  it('tells the only one there is of parts whose URI does not show what they are part of', async () => {
    const { upstream, feed, join } = rig();
    const one = join('project:x', 'project:y');
    await tick(100);
    await upstream.streams[0]?.tell(updateOf('file:///of/x'));
    const other = join('project:x');
    await upstream.streams[0]?.tell(updateOf('file:///of/y'));
    feed.leave(one.member);
    // Still subscribed to, but nobody's any more.
    await upstream.streams[0]?.tell(updateOf('project:y'));
    expect([one.told, other.told]).toEqual([['file:///of/x'], []]);
  });
});

describe('a break', () => {
  it('is told as an update of everything, to those only who were there', async () => {
    const { upstream, join } = rig();
    const one = join('a:1', 'a:2');
    const two = join('a:2');
    await tick(200);
    upstream.streams.at(-1)?.breakOff();
    await tick(1000);
    expect([one.told, two.told]).toEqual([['a:1', 'a:2'], ['a:2']]);
    expect(upstream.open).toEqual([uris('a:1', 'a:2')]);
  });

  it('in the middle of a change loses nothing', async () => {
    const { upstream, join } = rig();
    const one = join('a:1');
    await tick(100);
    upstream.prompt = false;
    const two = join('a:2');
    await tick();
    const [old, next] = upstream.streams;
    old?.breakOff();
    await tick();
    await next?.acknowledge();
    expect(one.told).toEqual(['a:1']);
    await tick(60_000);
    expect(upstream.open).toEqual([uris('a:1', 'a:2')]);
    expect(two.honoured).toEqual(['r:a:2']);
  });

  it('of a server does not keep callers waiting: they are told what they asked for, and it begins when the server is back', async () => {
    const { upstream, join } = rig();
    const one = join('a:1');
    await tick(100);
    upstream.up = false;
    upstream.streams[0]?.breakOff();
    await tick();
    const late = Array.from({ length: 50 }, (_, i) => join(`a:${i + 2}`));
    await tick();
    expect(late[0]?.honoured).toEqual(['r:a:2']);
    expect(upstream.streams).toHaveLength(1);
    await tick(60_000);
    upstream.rise();
    await tick();
    expect(upstream.open.map((filter) => filter.split(',').length)).toEqual([51]);
    expect([one.told, late[0]?.told]).toEqual([['a:1'], ['a:2']]);
  });

  it('is made up for by asking how tasks stand', async () => {
    const { upstream, join } = rig();
    upstream.answer = ({ method, params }) => {
      if (params.string('taskId') === 'gone') throw new ToolyardError('INVALID_PARAMS', { reason: 'gone' }, 'gone');
      return { resultType: 'complete', method, taskId: params.string('taskId'), status: 'completed' };
    };
    const one = join(taskTopic('gone'), taskTopic('t'));
    await tick(100);
    expect(one.told).toEqual([]);
    upstream.streams[0]?.breakOff();
    await tick(1000);
    expect(one.told).toEqual(['{"method":"tasks/get","taskId":"t","status":"completed"}']);
  });
});

describe('a server', () => {
  it('is asked about tasks by one who knows tasks', async () => {
    const { upstream, join } = rig();
    join('a:1');
    await tick(100);
    join(taskTopic('t'));
    await tick();
    expect(upstream.streams.map(({ call }) => call.caller.capabilities.text)).toEqual([
      '{}',
      '{"extensions":{"io.modelcontextprotocol/tasks":{}}}',
    ]);
    expect(upstream.streams[1]?.asked).toBe('{"resourceSubscriptions":["a:1"],"taskIds":["t"]}');
  });

  it('is taken at its word about what it honours', async () => {
    const { upstream, join } = rig();
    upstream.prompt = false;
    const one = join('a:1', 'a:2');
    await tick();
    await upstream.streams[0]?.acknowledge({ resourceSubscriptions: ['a:2', 'a:9'] });
    const two = join('a:1');
    await tick();
    expect([one.honoured, two.honoured]).toEqual([['r:a:2'], []]);
  });

  it('that refuses what one wants goes on telling the others', async () => {
    const { upstream, join } = rig();
    const good = join('a:1');
    await tick(100);
    upstream.prompt = false;
    const bad = join('bad:');
    await tick();
    upstream.streams[1]?.refuse();
    await tick(10_000);
    expect([bad.honoured, upstream.open, upstream.streams.length]).toEqual([[], [uris('a:1')], 2]);
    await upstream.streams[0]?.tell(updateOf('a:1'));
    expect(good.told).toEqual(['a:1']);
  });

  it.each([true, false])(
    'that refuses a whole filter for the sake of one URI gets the others all the same: %s',
    async (before) => {
      const { upstream, join } = rig();
      const serve = upstream.service;
      upstream.service = (call) => {
        if (call.params.text.includes('bad'))
          return Promise.reject(new ToolyardError('INVALID_PARAMS', { reason: 'no' }, 'no'));
        return serve(call);
      };
      if (before) join('a:0');
      await tick(100);
      const joined = Array.from({ length: 20 }, (_, i) => join(i === 13 ? 'bad:' : `a:${i}`));
      await tick(5000);
      expect(joined.map(({ honoured }) => honoured?.length)).toEqual(joined.map((_, i) => (i === 13 ? 0 : 1)));
      expect(upstream.open).toHaveLength(1);
      expect(upstream.streams.length).toBeLessThan(12);
    },
  );

  it('that refuses after a break what it took before keeps those that it still takes', async () => {
    const { upstream, join } = rig();
    const [good, bad] = [join('a:1'), join('bad:')];
    await tick(200);
    const serve = upstream.service;
    upstream.service = (call) => {
      if (call.params.text.includes('bad'))
        return Promise.reject(new ToolyardError('INVALID_PARAMS', { reason: 'no' }, 'no'));
      return serve(call);
    };
    upstream.streams.at(-1)?.breakOff();
    await tick(5000);
    expect(upstream.open).toEqual([uris('a:1')]);
    expect([good.told, bad.told]).toEqual([['a:1'], []]);
  });

  it('that knows no subscriptions is asked once', async () => {
    const { upstream, join } = rig();
    let asked = 0;
    upstream.service = ({ method }) => {
      asked++;
      return Promise.reject(new ToolyardError('METHOD_UNKNOWN', { method }, 'no'));
    };
    const joined = [join('a:1'), join('a:2')];
    await tick(1000);
    joined.push(join('a:3'));
    await tick(60_000);
    expect([asked, joined.map(({ honoured }) => honoured)]).toEqual([1, [[], [], []]]);
  });

  it('that does not acknowledge holds nobody up for ever', async () => {
    const { upstream, join } = rig();
    upstream.prompt = false;
    join('a:1');
    await tick(100);
    upstream.prompt = true;
    const two = join('a:2');
    await tick(1899);
    expect(upstream.streams).toHaveLength(1);
    await tick(1);
    expect(two.honoured).toEqual(['r:a:2']);
    expect(upstream.open).toEqual([uris('a:1', 'a:2')]);
  });

  it('that acknowledges something that was replaced meanwhile is not listened to', async () => {
    const { upstream, join } = rig();
    upstream.prompt = false;
    const one = join('a:1');
    await tick(2000);
    upstream.prompt = true;
    join('a:2');
    await tick(2000);
    await upstream.streams[0]?.acknowledge();
    await upstream.streams[0]?.tell(updateOf('a:1'));
    expect(one.told).toEqual([]);
    await upstream.streams[1]?.tell(updateOf('a:1'));
    expect(one.told).toEqual(['a:1']);
  });

  it('that tells nonsense is not believed', async () => {
    const { upstream, join } = rig();
    const one = join('a:1', 'b:1');
    await tick();
    const params = RawObject.read(Buffer.from('{"uri":"a:1","uri":"a:2"}'));
    await upstream.streams[0]?.tell({ method: 'notifications/resources/updated', params });
    await upstream.streams[0]?.tell({ method: 'notifications/tools/list_changed', params: RawObject.empty });
    expect(one.told).toEqual([]);
  });
});
