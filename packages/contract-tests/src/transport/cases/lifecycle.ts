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
  rawEcho,
  rawServer,
  serveDefaults,
  textOf,
  textReply,
  toolCall,
  within,
} from '../kit.ts';
import type { TransportRig } from '../rig.ts';

/** Beginnings and ends. */
export const lifecycle: Cases<TransportRig> = {
  'accepts() tells the targets of this transport from others, without looking at anything but the target': async (
    rig,
  ) => {
    const { target } = await rig.listenRaw(() => {});
    expect(rig.transport.accepts(target)).toBe(true);
    expect(rig.transport.accepts({ url: 'no-such-scheme://x' })).toBe(false);
    expect(rig.transport.accepts({ url: '' })).toBe(false);
    expect(rig.transport.contract).toBe('transport/1');
  },

  'a connection says what it speaks': async (rig) => {
    await using linked = await link(rig, echo);
    expect(linked.connection.peer.revision).toBe('2026-07-28');
    expect(linked.connection.peer.wire).toMatch(/./);
  },

  'connecting to nobody is UPSTREAM_UNREACHABLE': async (rig) => {
    const error = await codedError(rig.transport.connect(await rig.nowhere(), connectDefaults));
    expect(error).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', facts: { upstream: 'upstream' } });
  },

  'connecting to a server that never answers is UPSTREAM_TIMEOUT, in time': async (rig) => {
    const { target } = await rig.listenRaw(() => {});
    const beganMs = performance.now();
    const error = await codedError(rig.transport.connect(target, { ...connectDefaults, connectTimeoutMs: 500 }), 6_000);
    expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', facts: { upstream: 'upstream' } });
    expect(performance.now() - beganMs).toBeGreaterThan(400);
  },

  'connecting to a server that drops everyone is a coded error': async (rig) => {
    const { target } = await rig.listenRaw((_, peer) => peer.drop());
    const error = await codedError(rig.transport.connect(target, connectDefaults), 10_000);
    expect(['UPSTREAM_UNREACHABLE', 'UPSTREAM_CLOSED']).toContain(error.code);
  },

  'a server that is gone in the middle of a call fails it with UPSTREAM_CLOSED within a second': async (rig) => {
    const served = await rig.listenRaw(rawServer((_, peer) => peer.drop()));
    const connection = await rig.transport.connect(served.target, connectDefaults);
    expect(await codedError(connection.service(toolCall('x')), 1_000)).toMatchObject({
      code: 'UPSTREAM_CLOSED',
      facts: { upstream: 'upstream' },
    });
    await connection.close();
  },

  'closed resolves with the reason when the server is gone, and later calls fail with UPSTREAM_CLOSED': async (rig) => {
    const served = await rig.listenRaw(rawServer((_, peer) => peer.drop()));
    const connection = await rig.transport.connect(served.target, connectDefaults);
    await codedError(connection.service(toolCall('x')), 1_000);
    expect(await within(1_000, 'closed', connection.closed)).toBeInstanceOf(Error);
    expect((await codedError(connection.service(toolCall('x')))).code).toBe('UPSTREAM_CLOSED');
    await connection.close();
  },

  'a server that is back is connected to again': async (rig) => {
    const served = await rig.listenRaw(
      rawServer((request, peer) => {
        if (request.params.string('name') === 'crash') peer.drop();
        else rawEcho(request, peer);
      }),
    );
    const first = await rig.transport.connect(served.target, connectDefaults);
    await codedError(first.service(toolCall('crash')));
    await first.close();
    const second = await rig.transport.connect(served.target, connectDefaults);
    expect(textOf((await second.service(toolCall('x', { n: 2 }))).result)).toBe('{"n":2}');
    await second.close();
  },

  'closing a connection twice, at once and later, is one close': async (rig) => {
    await using linked = await link(rig, echo);
    await Promise.all([linked.connection.close(), linked.connection.close()]);
    await linked.connection.close();
    expect(await within(1_000, 'closed', linked.connection.closed)).toBeUndefined();
    expect((await codedError(linked.connection.service(toolCall('x')))).code).toBe('CLOSED');
  },

  'closing a connection with calls in flight fails them with CLOSED, and the service sees it': async (rig) => {
    const held = holding();
    await using linked = await link(rig, held.service);
    const calls = [1, 2, 3].map(() => codedError(linked.connection.service(toolCall('x'))));
    const seen = await held.arrived(3);
    await linked.connection.close();
    for (const error of await Promise.all(calls)) expect(error.code).toBe('CLOSED');
    await within(2_000, 'the abort of the signals', Promise.all(seen.map(({ signal }) => aborted(signal))));
  },

  'closing a server twice, at once and later, is one close': async (rig) => {
    const served = await rig.listen(discoverable(echo), serveDefaults);
    await Promise.all([served.close(), served.close({ drainMs: 100 })]);
    await within(5_000, 'the third close', served.close());
  },

  'closing a server with calls in flight aborts them, and their callers get a coded error within a second': async (
    rig,
  ) => {
    const held = holding();
    await using linked = await link(rig, held.service);
    const calling = codedError(linked.connection.service(toolCall('x')), 3_000);
    const [seen] = await held.arrived(1);
    const closing = linked.served.close();
    if (seen !== undefined) await within(1_000, 'the abort of the signal', aborted(seen.signal));
    expect(['UPSTREAM_CLOSED', 'UPSTREAM_ERROR']).toContain((await within(1_000, 'the rejection', calling)).code);
    await within(5_000, 'the close', closing);
  },

  'a server that drains lets calls in flight finish, and takes no new ones': async (rig) => {
    const release = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    await using linked = await link(rig, async () => {
      arrived.resolve();
      await release.promise;
      return textReply('finished');
    });
    const calling = linked.connection.service(toolCall('x'));
    await within(5_000, 'the call', arrived.promise);
    const closing = linked.served.close({ drainMs: 10_000 });
    await codedError(linked.connection.service(toolCall('late')));
    release.resolve();
    expect(textOf((await within(5_000, 'the answer', calling)).result)).toBe('finished');
    await within(5_000, 'the close', closing);
  },

  'a drain that takes too long is cut short by a second close': async (rig) => {
    const held = holding();
    await using linked = await link(rig, held.service);
    const calling = codedError(linked.connection.service(toolCall('x')));
    await held.arrived(1);
    const closing = linked.served.close({ drainMs: 60_000 });
    await within(5_000, 'the second close', linked.served.close());
    await within(5_000, 'the first close', closing);
    await calling;
  },
};
