import { stripVTControlCharacters } from 'node:util';

import { expect, it, vi } from 'vitest';

import type { GatewayStatus, ServerStatus } from '../status/status.ts';
import { FakeSurroundings } from '../testing/fake-surroundings.ts';
import { FakeTerminal } from '../testing/fake-terminal.ts';
import { watchStatus } from './watch-status.ts';

type State = ServerStatus['state'];

/** A gateway whose answers a test changes; `undefined`: it does not answer. */
function follow(
  first: Record<string, State> | undefined,
  { terminal, json = false }: { terminal?: FakeTerminal; json?: boolean } = {},
) {
  let states = first;
  let asked = 0;
  const surroundings = new FakeSurroundings({}, '/', terminal);
  const ask = () => {
    asked++;
    if (states === undefined) return Promise.reject(new Error('nobody is there'));
    const servers = Object.entries(states).map(([id, state]) => ({ id, state, tools: 1, prompts: 0, resources: 0 }));
    const status: GatewayStatus = { status: 'ok', version: '1', endpoint: 'http://h/mcp', servers };
    return Promise.resolve({ code: 200, body: { servers: servers.length }, status });
  };
  const done = watchStatus({ ask, json, everyMs: 1 }, surroundings);
  return {
    surroundings,
    done,
    async become(next: Record<string, State> | undefined) {
      states = next;
      const before = asked;
      await vi.waitFor(() => expect(asked).toBeGreaterThan(before + 1));
    },
  };
}

/** Without what steers the terminal. */
const visible = (text: string): string => stripVTControlCharacters(text).replaceAll('\r', '');

it('draws the fleet anew in place, with every size, until q, and leaves the terminal as it was', async () => {
  const terminal = new FakeTerminal();
  const { done, become } = follow({ files: 'healthy' }, { terminal });
  await vi.waitFor(() => expect(terminal.written.length).toBeGreaterThan(1));
  expect(terminal.written[0]).toContain('\u001B[?1049h');
  expect(visible(terminal.written[1] ?? '')).toBe(
    [
      'ok: http://h/mcp (Toolyard 1); q ends',
      '',
      'server  state    instances  in flight  queued  p95  restarts  tools',
      'files   healthy  -          -          -       -    -         1',
    ].join('\n'),
  );
  await become({ files: 'unhealthy' });
  expect(visible(terminal.written.at(-1) ?? '')).toContain('files   unhealthy');
  terminal.resize(80, 2);
  expect(visible(terminal.written.at(-1) ?? '').split('\n')).toHaveLength(2);
  terminal.press('x');
  terminal.press('q');
  expect(await done).toBe(0);
  expect(terminal.written.at(-1)).toContain('\u001B[?1049l');
  expect(terminal.listeners).toBe(0);
});

it('ends with Ctrl-C, which is a key before a terminal', async () => {
  const terminal = new FakeTerminal();
  const { done, surroundings } = follow({}, { terminal });
  await vi.waitFor(() => expect(terminal.written).not.toEqual([]));
  terminal.press('\u0003');
  expect(await done).toBe(0);
  expect(surroundings.listeners).toBe(0);
});

it('goes on showing what was, and says so, while the gateway does not answer', async () => {
  const terminal = new FakeTerminal();
  const { done, become } = follow({ files: 'healthy' }, { terminal });
  await become(undefined);
  expect(visible(terminal.written.at(-1) ?? '')).toMatch(/^no answer since .*\n\n.*\nfiles {3}healthy/);
  await become({ files: 'healthy' });
  expect(visible(terminal.written.at(-1) ?? '')).toMatch(/^ok:/);
  terminal.press('q');
  await done;
});

it('says a line for whatever changed where there is no terminal, until a signal', async () => {
  const { done, become, surroundings } = follow({ a: 'healthy', b: 'starting' });
  await become({ a: 'healthy', b: 'healthy' });
  await become(undefined);
  await become({ a: 'healthy' });
  surroundings.signal('SIGINT');
  expect(await done).toBe(0);
  expect(surroundings.written.map((line) => line.replace(/^\S+ /, ''))).toEqual([
    'gateway: ok',
    'server a: healthy',
    'server b: starting',
    'server b: healthy',
    'gateway: no answer',
    'gateway: ok',
    'server b: gone',
  ]);
});

it('gives each answer as a line of JSON with --json', async () => {
  const { done, become, surroundings } = follow({ a: 'healthy' }, { json: true });
  await become({});
  surroundings.signal('SIGTERM');
  await done;
  expect(surroundings.written[0]).toBe('{"servers":1}');
  expect(surroundings.written.at(-1)).toBe('{"servers":0}');
});

it('fails where nothing answers at first', async () => {
  await expect(follow(undefined).done).rejects.toThrow('nobody is there');
});
