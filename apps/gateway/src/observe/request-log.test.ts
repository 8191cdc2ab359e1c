import { Writable } from 'node:stream';

import { createCall, RawObject, type Service, ToolyardError } from '@toolyard/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createRequestLog } from './request-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Line = Readonly<Record<string, unknown>>;

function written(level: string) {
  const lines: Line[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(JSON.parse(String(chunk)) as Line);
      done();
    },
  });
  const log = pino({ level, base: null, timestamp: false }, stream);
  return { log, lines, requests: createRequestLog(log) };
}

const answering: Service = () => Promise.resolve({ result: RawObject.of({}) });
const failing = (error: unknown): Service => {
  return () => Promise.reject(error);
};
const call = () => createCall('tools/call', { params: { name: 'a__b', arguments: { secret: 'confidential' } } });

it('each request has an id, which is in every line about it', async () => {
  const { requests, lines } = written('debug');
  const service = requests.door(requests.upstream('a')(answering));
  await service(call());
  await service(call());
  const [one, two] = [lines[0]?.['request'], lines[2]?.['request']];
  expect(one).toMatch(/^[\da-f]{6}-1$/);
  expect(lines.map(({ request }) => request)).toEqual([one, one, two, two]);
  expect(two).not.toBe(one);
  expect(lines[0]).toMatchObject({
    level: 20,
    server: 'a',
    method: 'tools/call',
    tool: 'a__b',
    ms: expect.any(Number) as unknown,
    msg: 'a: tools/call a__b: answered',
  });
  expect(lines[1]).toMatchObject({ level: 20, method: 'tools/call', tool: 'a__b', bytes: 2 });
  expect(JSON.stringify(lines)).not.toContain('confidential');
});

it.each([
  [
    30,
    new ToolyardError('TOOL_UNKNOWN', { tool: 'x', nearest: [] }, 'There is no tool x.'),
    { code: 'TOOL_UNKNOWN', msg: 'tools/call a__b: TOOL_UNKNOWN There is no tool x.' },
  ],
  [
    40,
    new ToolyardError('UPSTREAM_TIMEOUT', { upstream: 'a', method: 'm', afterMs: 1 }, 'a did not answer.'),
    { code: 'UPSTREAM_TIMEOUT', server: 'a' },
  ],
  [
    30,
    new ToolyardError(
      'UPSTREAM_ERROR',
      { upstream: 'a', error: RawObject.of({ code: -32_000, message: 'confidential' }) },
      'confidential',
    ),
    { code: 'UPSTREAM_ERROR', server: 'a', msg: 'tools/call a__b: UPSTREAM_ERROR with -32000' },
  ],
  [50, new Error('a bug'), { code: 'INTERNAL', err: { message: 'a bug' } }],
] as const)(
  'a failure is told once, at level %d, with whose it is and no word of a server',
  async (level, error, expected) => {
    const { requests, lines } = written('info');
    await expect(requests.door(requests.upstream('a')(failing(error)))(call())).rejects.toBe(error);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level,
      method: 'tools/call',
      request: expect.any(String) as unknown,
      ...expected,
    });
    expect(JSON.stringify(lines)).not.toContain('confidential');
  },
);

it('what was cancelled is nobody’s failure, and what callers write makes no long lines', async () => {
  const { requests, lines, log } = written('info');
  const cancelled = failing(new ToolyardError('CANCELLED', {}, 'gone'));
  await requests
    .door(cancelled)(call())
    .catch(() => undefined);
  expect(lines).toEqual([]);
  log.level = 'debug';
  const long = createCall(`x\n${'y'.repeat(5_000)}`, { params: { name: 'z' } });
  await requests.door(answering)(long);
  expect(lines[0]).toMatchObject({ method: 'other' });
  expect(JSON.stringify(lines[0]).length).toBeLessThan(400);
});

describe('failures that come often', () => {
  const closed = (upstream: string) => new ToolyardError('UPSTREAM_CLOSED', { upstream }, 'It is gone.');
  const unknown = (tool: string) => new ToolyardError('TOOL_UNKNOWN', { tool, nearest: [] }, 'There is none.');

  it('are written up to 20 of each code at each server in a minute, at the end of which a line says how many were not', async () => {
    const { requests, lines } = written('info');
    for (let time = 0; time < 50; time++) {
      for (const error of [closed('a'), closed('b'), unknown(`x${time}`)])
        await expect(requests.door(failing(error))(call())).rejects.toBe(error);
    }
    expect(lines).toHaveLength(60);
    await expect(requests.door(failing(new Error('a bug')))(call())).rejects.toThrow('a bug');
    expect(lines).toHaveLength(61);
    vi.advanceTimersByTime(60_000);
    expect(lines.slice(61)).toEqual([
      expect.objectContaining({ level: 40, server: 'a', code: 'UPSTREAM_CLOSED', leftOut: 30 }),
      {
        level: 40,
        server: 'b',
        code: 'UPSTREAM_CLOSED',
        leftOut: 30,
        msg: 'b: UPSTREAM_CLOSED: 30 more in this minute, left out',
      },
      { level: 30, code: 'TOOL_UNKNOWN', leftOut: 30, msg: 'TOOL_UNKNOWN: 30 more in this minute, left out' },
    ]);
    expect(vi.getTimerCount()).toBe(0);
    await requests
      .door(failing(closed('a')))(call())
      .catch(() => undefined);
    expect(lines).toHaveLength(65);
  });

  it('are all written from debug on', async () => {
    const { requests, lines } = written('debug');
    for (let time = 0; time < 50; time++)
      await requests
        .door(failing(closed('a')))(call())
        .catch(() => undefined);
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(50);
  });

  it('are counted to the end', async () => {
    const { requests, lines } = written('info');
    for (let time = 0; time < 22; time++)
      await requests
        .door(failing(closed('a')))(call())
        .catch(() => undefined);
    requests[Symbol.dispose]();
    requests[Symbol.dispose]();
    expect(lines.slice(20)).toEqual([expect.objectContaining({ leftOut: 2 })]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
