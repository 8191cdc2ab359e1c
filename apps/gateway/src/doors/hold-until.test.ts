import { type Call, createCall, RawObject, type Reply } from '@toolyard/protocol';
import { expect, it } from 'vitest';

import { holdUntil } from './hold-until.ts';

function callWith(signal: AbortSignal): Call {
  return createCall('tools/list', { signal });
}

function rig(): { open: () => void; calls: Call[]; service: (call: Call) => Promise<Reply> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const calls: Call[] = [];
  const service = holdUntil(promise)((call) => {
    calls.push(call);
    return Promise.resolve({ result: RawObject.empty });
  });
  return { open: resolve, calls, service };
}

it('holds calls until it is ready, and none after that', async () => {
  const { open, calls, service } = rig();
  const first = service(callWith(new AbortController().signal));
  await Promise.resolve();
  expect(calls).toHaveLength(0);
  open();
  await first;
  void service(callWith(new AbortController().signal));
  expect(calls).toHaveLength(2);
});

it('passes a call on when its caller gives up, so that it ends', async () => {
  const { calls, service } = rig();
  const controller = new AbortController();
  const held = service(callWith(controller.signal));
  controller.abort();
  await held;
  expect(calls[0]?.signal.aborted).toBe(true);
});
