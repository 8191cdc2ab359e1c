import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import {
  codedError,
  connectDefaults,
  discoverable,
  echo,
  holding,
  link,
  rawServer,
  serveDefaults,
  toolCall,
} from '../kit.ts';
import type { TransportRig } from '../rig.ts';

/** What keeps this process alive, by kind and number. */
function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  counts.delete('Immediate');
  return counts;
}

function listeners(): string {
  return process
    .eventNames()
    .map((name) => `${String(name)} ${process.listenerCount(name)}`)
    .toSorted()
    .join('\n');
}

/** Waits, without a timer of its own, until no more of any kind is there than before; fails after so long. */
async function expectNoMoreThan(before: Map<string, number>, withinMs: number): Promise<void> {
  const endMs = performance.now() + withinMs;
  const surplus = (): string[] =>
    [...resources()]
      .filter(([kind, count]) => count > (before.get(kind) ?? 0))
      .map(([kind, count]) => `${count} ${kind}`);
  while (surplus().length > 0 && performance.now() < endMs) await new Promise(setImmediate);
  expect(surplus(), `against ${JSON.stringify([...before])} before`).toEqual([]);
}

/** A transport gives back all that it takes. */
export const leftovers: Cases<TransportRig> = {
  'after everything is closed no handle, no timer and no listener is left': async (rig) => {
    const use = async (): Promise<void> => {
      const held = holding();
      const linked = await link(rig, async (call) =>
        call.params.string('name') === 'hold' ? held.service(call) : echo(call),
      );
      await linked.connection.service(toolCall('x'));
      const calling = codedError(
        linked.connection.service(toolCall('hold', {}, { deadlineMs: performance.now() + 60_000 })),
      );
      await held.arrived(1);
      await linked[Symbol.asyncDispose]();
      await calling;
    };
    // What is made once, such as a pool of threads, is made in the first round.
    await use();
    const before = { resources: resources(), listeners: listeners() };
    for (let round = 0; round < 3; round++) await use();
    await expectNoMoreThan(before.resources, 5_000);
    expect(listeners()).toBe(before.listeners);
  },

  'attempts to connect that fail leave nothing behind': async (rig) => {
    const mute = await rig.listenRaw(() => {});
    const dropping = await rig.listenRaw((_, peer) => peer.drop());
    const nowhere = await rig.nowhere();
    const use = async (): Promise<void> => {
      await codedError(rig.transport.connect(nowhere, connectDefaults));
      await codedError(rig.transport.connect(mute.target, { ...connectDefaults, connectTimeoutMs: 100 }));
      await codedError(rig.transport.connect(dropping.target, connectDefaults));
    };
    await use();
    const before = resources();
    for (let round = 0; round < 2; round++) await use();
    await expectNoMoreThan(before, 5_000);
  },

  'a server that is gone leaves nothing behind, and neither does a client': async (rig) => {
    const crashing = await rig.listenRaw(rawServer((_, peer) => peer.drop()));
    const served = await rig.listen(discoverable(echo), serveDefaults);
    const use = async (): Promise<void> => {
      const connection = await rig.transport.connect(crashing.target, connectDefaults);
      await codedError(connection.service(toolCall('x')));
      await connection.close();
      const client = await rig.dialRaw(served);
      client.drop();
    };
    await use();
    const before = resources();
    for (let round = 0; round < 3; round++) await use();
    await expectNoMoreThan(before, 5_000);
    await served.close();
  },
};
