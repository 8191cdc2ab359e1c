import { type Call, createCall, RawObject } from '@toolyard/protocol';
import { expect, it } from 'vitest';

import { forwardBaggage } from './baggage.ts';

async function forwarded(keys: readonly string[], meta: Record<string, unknown> | undefined): Promise<unknown> {
  const calls: Call[] = [];
  const service = forwardBaggage(() => keys)((call) => {
    calls.push(call);
    return Promise.resolve({ result: RawObject.empty });
  });
  await service(createCall('tools/call', { params: { name: 'x', ...(meta && { _meta: meta }) } }));
  return calls[0]?.params.value;
}

it.each([
  [[], 'a=1,b=2', undefined],
  [['a'], 'a=1;ttl=5, b=2,c', 'a=1;ttl=5'],
  [['b', 'a'], ' a = 1 ,b=2', 'a = 1,b=2'],
  [['a'], 7, undefined],
  [['a'], `a=${'x'.repeat(8_192)}`, undefined],
])('servers are told of the entries with these keys only: %j (%#)', async (keys, baggage, expected) => {
  const told = { name: 'x', _meta: { other: 1, ...(expected !== undefined && { baggage: expected }) } };
  expect(await forwarded(keys, { other: 1, baggage })).toEqual(told);
});

it('a call without any is passed on as it is', async () => {
  expect(await forwarded(['a'], undefined)).toEqual({ name: 'x' });
  expect(await forwarded(['a'], { other: 1 })).toEqual({ name: 'x', _meta: { other: 1 } });
});
