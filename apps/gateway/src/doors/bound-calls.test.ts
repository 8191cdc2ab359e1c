import { createCall, RawObject, type Reply, type Service, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';

import { boundCalls } from './bound-calls.ts';

function slow(): { readonly service: Service; readonly pending: PromiseWithResolvers<Reply>[] } {
  const pending: PromiseWithResolvers<Reply>[] = [];
  const service: Service = () => {
    const call = Promise.withResolvers<Reply>();
    pending.push(call);
    return call.promise;
  };
  return { service, pending };
}

const done: Reply = { result: RawObject.empty };
const full = { code: 'TOO_MANY_CALLS', facts: { limit: 2 } };

describe('the bound on calls', () => {
  it('lets as many through as it says, refuses one more, and lets calls through again as others end', async () => {
    const { service, pending } = slow();
    const bounded = boundCalls(() => 2)(service);
    const first = bounded(createCall('tools/call'));
    const second = bounded(createCall('tools/call'));
    await expect(bounded(createCall('tools/call'))).rejects.toMatchObject(full);
    expect(pending).toHaveLength(2);

    pending[0]?.resolve(done);
    await first;
    const third = bounded(createCall('tools/call'));
    pending[1]?.reject(new ToolyardError('CLOSED', { what: 'test' }, 'It failed.'));
    await expect(second).rejects.toMatchObject({ code: 'CLOSED' });
    const fourth = bounded(createCall('tools/call'));
    expect(pending).toHaveLength(4);
    for (const call of pending) call.resolve(done);
    await Promise.all([third, fourth]);
  });

  it('is what is said at the moment', async () => {
    const { service, pending } = slow();
    let limit = 1;
    const bounded = boundCalls(() => limit)(service);
    const first = bounded(createCall('tools/call'));
    limit = 2;
    const second = bounded(createCall('tools/call'));
    await expect(bounded(createCall('tools/call'))).rejects.toMatchObject(full);
    for (const call of pending) call.resolve(done);
    await Promise.all([first, second]);
  });

  it('counts the calls of all that it is put around together', async () => {
    const { service, pending } = slow();
    const bound = boundCalls(() => 2);
    const one = bound(service);
    const other = bound(service);
    const running = [one(createCall('tools/call')), other(createCall('tools/call'))];
    await expect(one(createCall('tools/list'))).rejects.toMatchObject(full);
    for (const call of pending) call.resolve(done);
    await Promise.all(running);
  });

  it('does not count subscriptions, which stay open', async () => {
    const { service, pending } = slow();
    const bounded = boundCalls(() => 1)(service);
    const listening = [bounded(createCall('subscriptions/listen')), bounded(createCall('subscriptions/listen'))];
    const call = bounded(createCall('tools/call'));
    expect(pending).toHaveLength(3);
    for (const open of pending) open.resolve(done);
    await Promise.all([...listening, call]);
  });

  it('counts a service that throws before it promises anything as one that has ended', async () => {
    const bounded = boundCalls(() => 1)(() => {
      throw new ToolyardError('CLOSED', { what: 'test' }, 'It failed.');
    });
    await expect(bounded(createCall('tools/call'))).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(bounded(createCall('tools/call'))).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
