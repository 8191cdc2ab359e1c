import { fileURLToPath } from 'node:url';

import { staleKey } from '@toolyard/cache';
import { type RealRedis, redisProgram, startRedis } from '@toolyard/presets/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  type RunningGateway,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  waitFor,
} from '../testing/gateway.ts';
import { ask } from '../testing/raw-client.ts';

const server = JSON.stringify(fileURLToPath(new URL('../fixtures/counting-server.ts', import.meta.url)));
const servers = `servers:
  counting: { command: node, args: [${server}], cache: { tools: { count: 60000 } } }
  fresh: { command: node, args: [${server}], cache: { ttlMs: 0 } }
`;

interface Answer {
  readonly contents?: readonly { readonly text: string }[];
  readonly content?: readonly { readonly text: string }[];
  readonly _meta?: Readonly<Record<string, unknown>>;
}

async function asked(gateway: RunningGateway, method: string, params: Record<string, unknown>): Promise<Answer> {
  const { message } = await ask(gateway.endpoint, method, params);
  return (message.result ?? {}) as Answer;
}
const read = async (gateway: RunningGateway): Promise<string | undefined> =>
  (await asked(gateway, 'resources/read', { uri: 'count:a' })).contents?.[0]?.text;
const called = async (gateway: RunningGateway, name: string): Promise<string | undefined> =>
  (await asked(gateway, 'tools/call', { name, arguments: {} })).content?.[0]?.text;

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('one gateway', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway(await folder.write('one.yaml', servers), `${folder.path}/one`);
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  it('answers readings of an older server from what it keeps, and of tools those that are marked', async () => {
    expect([await read(gateway), await read(gateway)]).toEqual(['1', '1']);
    expect([await called(gateway, 'counting__count'), await called(gateway, 'counting__count')]).toEqual(['1', '1']);
    expect([await called(gateway, 'fresh__count'), await called(gateway, 'fresh__count')]).toEqual(['1', '2']);
  });
});

it('a server that is away is answered for with what is stale, which says so', async () => {
  const config = await folder.write(
    'away.yaml',
    `servers: { away: { command: node, args: [${server}], cache: { ttlMs: 1 } } }\norchestration: { maxRetries: 0 }\n`,
  );
  await using gateway = await startGateway(config, `${folder.path}/away`);
  expect(await read(gateway)).toBe('1');
  await called(gateway, 'away__down');
  await waitFor('its end', async () => ((await gateway.health()).servers[0]?.state === 'unhealthy' ? true : undefined));
  const { contents, _meta } = await asked(gateway, 'resources/read', { uri: 'count:a' });
  expect(contents).toEqual([{ uri: 'count:a', text: '1' }]);
  expect(_meta?.[staleKey]).toMatchObject({ stale: true });
});

const program = await redisProgram();
const missing = 'missing' in program ? program.missing : undefined;

describe.skipIf(missing !== undefined)(
  missing === undefined ? 'two gateways before one Redis' : `two gateways before one Redis (${missing})`,
  () => {
    let redis: RealRedis;
    let gateways: readonly [RunningGateway, RunningGateway];
    beforeAll(async () => {
      redis = await startRedis('path' in program ? program.path : '');
      const config = await folder.write('two.yaml', `${servers}cache: { redis: "${redis.url}" }\n`);
      gateways = [await startGateway(config, `${folder.path}/two`), await startGateway(config, `${folder.path}/three`)];
    });
    afterAll(async () => {
      await Promise.all(gateways.map((gateway) => gateway[Symbol.asyncDispose]()));
      await redis[Symbol.asyncDispose]();
    });

    it('share what they keep', async () => {
      const [one, two] = gateways;
      const said = await waitFor('its word', () => /The cache in Redis answers[^"]*/.exec(one.output.stderr)?.[0]);
      expect(said).toBe('The cache in Redis answers.');
      // Each has a process of its own of the server, which has counted nothing yet.
      expect(await read(one)).toBe('1');
      expect(await read(one)).toBe('1');
      await called(one, 'counting__count');
      expect(await called(two, 'counting__count')).toBe('1');
      expect(await read(two)).toBe('1');
    });

    it('go on without it, and share again when it is back', async () => {
      const [one, two] = gateways;
      await redis.stop();
      expect(await read(one)).toBe('1');
      await waitFor('the word of it', () => two.output.stderr.includes('memory carries on') || undefined);
      expect(await read(two)).toMatch(/^\d+$/);
      await redis.start();
      await waitFor('the word of its return', () => one.output.stderr.includes('answers again') || undefined);
      await waitFor('its return', () => two.output.stderr.includes('answers again') || undefined);
      const shared = await read(one);
      expect(await read(two)).toBe(shared);
    });
  },
);
