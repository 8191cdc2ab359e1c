import { setTimeout as pause } from 'node:timers/promises';
import { redisProgram, startRedis } from '@toolyard/presets/redis';
import type { Mischief } from './yard.ts';

export interface CacheBackend extends AsyncDisposable {
  readonly url: string;
  readonly mischief: readonly Mischief[];
}

/** A Redis that can be killed, stopped and started again; `undefined` where this machine has none. No call may fail of what befalls it. */
export async function openRedis(): Promise<CacheBackend | undefined> {
  const program = await redisProgram();
  if ('missing' in program) return undefined;
  const redis = await startRedis(program.path);
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<unknown>): Promise<unknown> => (turn = turn.then(work));
  return {
    url: redis.url,
    mischief: [
      {
        kind: 'redis-kill',
        harmless: true,
        act: (_, random) =>
          inTurn(async () => {
            await redis.stop();
            await pause(random.whole(0, 2_000));
            await redis.start();
          }),
      },
      {
        kind: 'redis-hang',
        harmless: true,
        act: (_, random) =>
          inTurn(async () => {
            redis.hang();
            await pause(random.whole(100, 2_000));
            redis.resume();
          }),
      },
    ],
    async [Symbol.asyncDispose]() {
      await turn.catch(() => undefined);
      await redis[Symbol.asyncDispose]();
    },
  };
}
