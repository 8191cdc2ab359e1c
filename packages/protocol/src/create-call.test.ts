import { expect, it } from 'vitest';
import { createCall } from './create-call.ts';
import { RawObject } from './wire/raw-object.ts';

it('makes a call that asks for nothing more than its method', async () => {
  const call = createCall('tools/list');
  expect(call.params.text).toBe('{}');
  expect(call.caller).toMatchObject({ principal: 'anonymous', tenant: 'default', clientInfo: undefined });
  expect(call.caller.capabilities.text).toBe('{}');
  expect(call.signal.aborted).toBe(false);
  expect([call.deadlineMs, call.progressToken, call.logLevel]).toEqual([undefined, undefined, undefined]);
  await call.notify({ method: 'notifications/progress', params: RawObject.empty });
});

it('keeps raw parameters byte for byte', () => {
  const params = RawObject.read(new TextEncoder().encode('{"name" : "x","n":1.0}'));
  expect(createCall('tools/call', { params }).params).toBe(params);
});

const circle: Record<string, unknown> = {};
circle['self'] = circle;

it.each([[{ n: 5n }], [circle], [new Date()], [{ toJSON: () => undefined }]])(
  'takes no params that JSON cannot say: %o',
  (params) => {
    const make = (): unknown => Reflect.apply(createCall, undefined, ['tools/call', { params }]);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_PARAMS' }) as Error);
  },
);

it('tells what belongs to the call', async () => {
  const told: string[] = [];
  const call = createCall('tools/call', {
    caller: { principal: 'ann' },
    notify: ({ method }) => void told.push(method),
  });
  await call.notify({ method: 'notifications/progress', params: RawObject.empty });
  expect(told).toEqual(['notifications/progress']);
  expect(call.caller).toMatchObject({ principal: 'ann', tenant: 'default' });
});
