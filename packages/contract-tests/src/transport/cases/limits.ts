import { setTimeout } from 'node:timers/promises';
import type { Call, Service } from '@toolyard/protocol';
import { RawObject, ToolyardError } from '@toolyard/protocol';
import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import {
  aborted,
  codedError,
  connectDefaults,
  discoverable,
  echo,
  holding,
  link,
  rawRequest,
  serveDefaults,
  textReply,
  toolCall,
  within,
} from '../kit.ts';
import type { TransportRig } from '../rig.ts';

const padding = 'x'.repeat(16 * 1024);

function report(call: Call, progress: number): Promise<void> {
  const params = RawObject.of({ progressToken: call.progressToken, progress, message: padding });
  return call.notify({ method: 'notifications/progress', params });
}

/** Resolves when a number has stopped growing. */
async function settled(count: () => number): Promise<void> {
  for (let last = -1, same = 0; same < 5;) {
    same = count() === last ? same + 1 : 0;
    last = count();
    // Kernels move bytes in their own time; that nothing moves any more takes time to see.
    await setTimeout(30);
  }
}

/** Everything is bounded, and who runs into a bound is told. */
export const limits: Cases<TransportRig> = {
  'a reply over the bound of the client fails its call with a coded error, and the server can still be used': async (
    rig,
  ) => {
    await using linked = await link(rig, async ({ params }) => textReply('x'.repeat(Number(params.string('name')))), {
      connect: { maxMessageBytes: 10_000, timeoutMs: 1_000 },
    });
    const error = await codedError(linked.connection.service(toolCall('50000')));
    expect(['UPSTREAM_MALFORMED', 'UPSTREAM_CLOSED', 'MESSAGE_TOO_LARGE']).toContain(error.code);
    const again = await rig.transport.connect(linked.served.target, connectDefaults);
    await again.service(toolCall('5'));
    await again.close();
  },

  'a request over the bound of the server fails with a coded error, and the service never sees it': async (rig) => {
    const names: (string | undefined)[] = [];
    const service: Service = async (call) => {
      names.push(call.params.string('name'));
      return echo(call);
    };
    await using linked = await link(rig, service, { serve: { maxMessageBytes: 10_000 } });
    await codedError(linked.connection.service(toolCall('large', { text: 'x'.repeat(50_000) })));
    const again = await rig.transport.connect(linked.served.target, connectDefaults);
    await again.service(toolCall('small'));
    await again.close();
    expect(names).toEqual(['small']);
  },

  'one call more than a connection allows fails with UPSTREAM_BUSY, and room comes back': async (rig) => {
    const held = holding();
    await using linked = await link(
      rig,
      async (call) => (call.params.string('name') === 'hold' ? held.service(call) : textReply('')),
      { connect: { maxInFlight: 2 } },
    );
    const cancel = new AbortController();
    const calls = [1, 2].map(() =>
      codedError(linked.connection.service(toolCall('hold', {}, { signal: cancel.signal }))),
    );
    await held.arrived(2);
    expect(await codedError(linked.connection.service(toolCall('x')))).toMatchObject({
      code: 'UPSTREAM_BUSY',
      facts: { limit: 2 },
    });
    cancel.abort();
    await Promise.all(calls);
    await linked.connection.service(toolCall('x'));
  },

  'a client with one call more than the server allows is told TOO_MANY_CALLS': async (rig) => {
    const held = holding();
    const served = await rig.listen(discoverable(held.service), { ...serveDefaults, maxInFlight: 2 });
    const connection = await rig.transport.connect(served.target, connectDefaults);
    const calls = [1, 2].map(() => codedError(connection.service(toolCall('hold'))));
    await held.arrived(2);
    const error = await codedError(connection.service(toolCall('x')));
    expect(ToolyardError.is(error, 'UPSTREAM_ERROR') && error.facts.error.object('data')?.string('code')).toBe(
      'TOO_MANY_CALLS',
    );
    await connection.close();
    await Promise.all(calls);
    await served.close();
  },

  'a client that does not read has its call aborted with CALLER_TOO_SLOW, and others are served meanwhile': async (
    rig,
  ) => {
    const outcome = Promise.withResolvers<unknown>();
    let sentBytes = 0;
    const service = discoverable(async (call) => {
      if (call.params.string('name') !== 'flood') return textReply('');
      void aborted(call.signal).then(outcome.resolve);
      for (let progress = 1; !call.signal.aborted && sentBytes < 256 * 1024 * 1024; progress++) {
        void report(call, progress);
        sentBytes += padding.length;
        if (progress % 16 === 0) await setTimeout(0);
      }
      return textReply('');
    });
    const served = await rig.listen(service, { ...serveDefaults, maxPendingBytes: 256 * 1024 });
    const other = await rig.transport.connect(served.target, connectDefaults);
    const slow = await rig.dialRaw(served);
    slow.pause();
    await slow.send(rawRequest(1, 'tools/call', { name: 'flood' }, { progressToken: 1 }));
    await within(5_000, 'a call beside the slow one', other.service(toolCall('quick')));
    expect(await within(10_000, 'the abort', outcome.promise)).toMatchObject({
      code: 'CALLER_TOO_SLOW',
      facts: { limitBytes: 256 * 1024 },
    });
    // What the kernel holds for both sides is beyond anyone's bound.
    expect(sentBytes).toBeLessThan(64 * 1024 * 1024);
    await other.service(toolCall('quick'));
    await other.close();
    slow.drop();
    await served.close();
  },

  'a service that awaits notify waits for a client that does not read, and nothing is lost': async (rig) => {
    const total = 2_000;
    let sent = 0;
    const service = discoverable(async (call) => {
      for (let progress = 1; progress <= total; progress++) {
        await report(call, progress);
        sent = progress;
      }
      return textReply('end');
    });
    const served = await rig.listen(service, serveDefaults);
    const client = await rig.dialRaw(served);
    client.pause();
    await client.send(rawRequest(1, 'tools/call', { name: 'x' }, { progressToken: 1 }));
    await within(
      10_000,
      'the service to stop',
      settled(() => sent),
    );
    expect(sent).toBeLessThan(total);
    client.resume();
    for (let progress = 1; progress <= total; progress++) {
      const message = RawObject.read((await within(5_000, 'a notification', client.next())) ?? new Uint8Array());
      expect(message.object('params')?.member('progress')?.value).toBe(progress);
    }
    const last = RawObject.read((await client.next()) ?? new Uint8Array());
    expect(last.member('id')?.value).toBe(1);
    client.drop();
    await served.close();
  },
};
