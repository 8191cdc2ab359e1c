import { programs } from '../commands/places.ts';
import type { Speech } from '../load/caller.ts';
import type { Target } from '../processes/start-target.ts';
import type { Contestant, Place } from './contestant.ts';

const inProcess = { command: process.execPath, args: [programs.upstreamStdio] };

/** What peers are measured against: the floor, and the gateway in each way and speech that a peer has. */
export const ours: readonly Contestant[] = [
  {
    name: 'floor',
    way: 'http to http',
    speech: 'modern',
    start: ({ yard, upstreamUrl }) => yard.start(0, [programs.floor, upstreamUrl]),
  },
  gateway('http to http', 'modern'),
  gateway('http to http', 'session'),
  gateway('http to http', 'sse'),
  {
    name: 'floor',
    way: 'http to stdio',
    speech: 'modern',
    start: ({ yard }) => yard.start(0, [programs.floorStdio, programs.upstreamStdio]),
  },
  gateway('http to stdio', 'modern'),
  gateway('http to stdio', 'session'),
  gateway('http to stdio', 'sse'),
  {
    name: 'floor',
    way: 'stdio to http',
    speech: 'modern',
    args: async ({ upstreamUrl }) => [programs.floorFromStdio, upstreamUrl],
  },
  fromStdio('modern'),
  fromStdio('session'),
];

function gateway(way: 'http to http' | 'http to stdio', speech: Speech): Contestant {
  return {
    name: 'gateway',
    way,
    speech,
    async start({ yard, upstreamUrl }) {
      const target = await yard.startGateway({
        servers: { bench: way === 'http to http' ? { url: upstreamUrl } : inProcess },
      });
      return speech === 'sse' ? at(target, target.url.replace(/\/mcp$/, '/sse')) : target;
    },
  };
}

function at(target: Target, url: string): Target {
  return { ...target, url };
}

function fromStdio(speech: 'modern' | 'session'): Contestant {
  return {
    name: 'gateway',
    way: 'stdio to http',
    speech,
    args: async ({ yard, upstreamUrl }: Place) => [
      ...(await yard.gatewayArgs({ servers: { bench: { url: upstreamUrl } } })),
      '--stdio',
    ],
  };
}
