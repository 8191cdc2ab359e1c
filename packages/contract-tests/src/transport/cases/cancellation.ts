import { getEventListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { RawObject } from '@toolyard/protocol';
import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import {
  aborted,
  codedError,
  connectDefaults,
  echo,
  holding,
  link,
  rawOlderServer,
  rawRequest,
  serveDefaults,
  discoverable,
  textReply,
  toolCall,
  within,
} from '../kit.ts';
import type { TransportRig } from '../rig.ts';

/** Who gives up, and how the other side learns of it. */
export const cancellation: Cases<TransportRig> = {
  'a call that is cancelled fails at once, and the service sees it within a second': async (rig) => {
    const held = holding();
    await using linked = await link(rig, held.service);
    const cancel = new AbortController();
    const calling = codedError(linked.connection.service(toolCall('x', {}, { signal: cancel.signal })));
    const [seen] = await held.arrived(1);
    cancel.abort();
    expect((await within(500, 'the rejection', calling)).code).toBe('CANCELLED');
    if (seen !== undefined) await within(1_000, 'the abort of the signal', aborted(seen.signal));
    expect(seen?.signal.aborted).toBe(true);
  },

  'cancelling one call leaves the others alone': async (rig) => {
    const release = Promise.withResolvers<void>();
    const held = holding();
    await using linked = await link(rig, async (call) => {
      if (call.params.string('name') === 'hold') return held.service(call);
      await release.promise;
      return textReply('');
    });
    const cancel = new AbortController();
    const cancelled = codedError(linked.connection.service(toolCall('hold', {}, { signal: cancel.signal })));
    const other = linked.connection.service(toolCall('other'));
    await held.arrived(1);
    cancel.abort();
    await cancelled;
    release.resolve();
    await within(5_000, 'the other call', other);
  },

  'a call whose signal has aborted already is never sent': async (rig) => {
    const names: (string | undefined)[] = [];
    await using linked = await link(rig, async (call) => {
      names.push(call.params.string('name'));
      return textReply('');
    });
    const error = await codedError(linked.connection.service(toolCall('never', {}, { signal: AbortSignal.abort() })));
    expect(error.code).toBe('CANCELLED');
    await linked.connection.service(toolCall('after'));
    expect(names).toEqual(['after']);
  },

  'a signal that serves a thousand calls keeps nothing of them': async (rig) => {
    await using linked = await link(rig, echo);
    const { signal } = new AbortController();
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 100 }, () => linked.connection.service(toolCall('x', {}, { signal }))));
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  },

  'a call fails with UPSTREAM_TIMEOUT at its deadline, and the service sees it': async (rig) => {
    const held = holding();
    await using linked = await link(rig, held.service);
    const calling = codedError(
      linked.connection.service(toolCall('x', {}, { deadlineMs: performance.now() + 200 })),
      2_000,
    );
    const [seen] = await held.arrived(1);
    expect((await calling).code).toBe('UPSTREAM_TIMEOUT');
    if (seen !== undefined) await within(1_000, 'the abort of the signal', aborted(seen.signal));
  },

  'a call fails with UPSTREAM_TIMEOUT after so much silence': async (rig) => {
    await using linked = await link(rig, holding().service, { connect: { timeoutMs: 200 } });
    const error = await codedError(linked.connection.service(toolCall('x')), 2_000);
    expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', facts: { upstream: 'upstream', method: 'tools/call' } });
  },

  'a check that an older server leaves unanswered ends with CANCELLED as soon as its signal aborts': async (rig) => {
    const pinged = Promise.withResolvers<void>();
    const server = rawOlderServer(({ method }) => {
      if (method === 'ping') pinged.resolve();
    });
    const { target } = await rig.listenRaw(server);
    const connection = await rig.transport.connect(target, connectDefaults);
    const stop = new AbortController();
    const check = connection.check?.(stop.signal);
    if (check !== undefined) {
      const checking = codedError(check);
      await within(5_000, 'the ping', pinged.promise);
      stop.abort();
      expect((await within(500, 'the rejection', checking)).code).toBe('CANCELLED');
      expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    }
    await connection.close();
  },

  'progress keeps a call from timing out, up to the bound on the whole': async (rig) => {
    await using linked = await link(
      rig,
      async (call) => {
        const endless = call.params.string('name') === 'endless';
        for (let progress = 1; (endless || progress < 8) && !call.signal.aborted; progress++) {
          await call.notify({
            method: 'notifications/progress',
            params: RawObject.of({ progressToken: call.progressToken, progress }),
          });
          // What is under test is time itself.
          await setTimeout(100);
        }
        return textReply('');
      },
      { connect: { timeoutMs: 500, maxTimeoutMs: 1_500 } },
    );
    await linked.connection.service(toolCall('finite', {}, { progressToken: 1 }));
    const error = await codedError(linked.connection.service(toolCall('endless', {}, { progressToken: 1 })), 4_000);
    expect(error.code).toBe('UPSTREAM_TIMEOUT');
  },

  'a client that disappears in the middle of a call aborts it within a second': async (rig) => {
    const held = holding();
    const served = await rig.listen(discoverable(held.service), serveDefaults);
    const client = await rig.dialRaw(served);
    await client.send(rawRequest(1, 'tools/call', { name: 'x' }));
    const [seen] = await held.arrived(1);
    client.drop();
    if (seen !== undefined) await within(1_000, 'the abort of the signal', aborted(seen.signal));
    await served.close();
  },

  'a client that has only said that it will send no more still gets its answers': async (rig) => {
    const release = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const service = discoverable(async () => {
      arrived.resolve();
      await release.promise;
      return textReply('late');
    });
    const served = await rig.listen(service, serveDefaults);
    const client = await rig.dialRaw(served);
    await client.send(rawRequest(1, 'tools/call', { name: 'x' }));
    await within(5_000, 'the call', arrived.promise);
    client.end();
    release.resolve();
    const answer = await within(5_000, 'the answer', client.next());
    expect(JSON.parse(new TextDecoder().decode(answer))).toMatchObject({
      id: 1,
      result: { content: [{ text: 'late' }] },
    });
    client.drop();
    await served.close();
  },

  'connecting can be cancelled, before and while': async (rig) => {
    const { target } = await rig.listenRaw(() => {});
    const before = rig.transport.connect(target, { ...connectDefaults, signal: AbortSignal.abort() });
    expect((await codedError(before)).code).toBe('CANCELLED');
    const asked = Promise.withResolvers<void>();
    const mute = await rig.listenRaw(() => asked.resolve());
    const cancel = new AbortController();
    const connecting = codedError(rig.transport.connect(mute.target, { ...connectDefaults, signal: cancel.signal }));
    await within(5_000, 'the first message', asked.promise);
    cancel.abort();
    expect((await connecting).code).toBe('CANCELLED');
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([]);
  },
};
