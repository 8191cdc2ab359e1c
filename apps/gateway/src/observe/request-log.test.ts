import { Writable } from 'node:stream';

import { createCall, RawObject, type Service, ToolyardError } from '@toolyard/protocol';
import { pino } from 'pino';
import { expect, it } from 'vitest';

import { createRequestLog } from './request-log.ts';

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
