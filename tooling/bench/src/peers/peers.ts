import getPort from 'get-port';
import { programs } from '../commands/places.ts';
import type { Target } from '../processes/start-target.ts';
import type { Contestant, Place } from './contestant.ts';
import { installPeer } from './install-peer.ts';

const server = { command: process.execPath, args: [programs.upstreamStdio] };
const serverCommand = `${process.execPath} ${programs.upstreamStdio}`;

/** Gateways and proxies that npm alone can start, in the ways that they have. */
export const peers: readonly Contestant[] = [
  sdkV2('http to http'),
  sdkV1('http to http'),
  oneMcp('http to http'),
  mcpHub('http to http'),
  sdkV1('http to stdio'),
  oneMcp('http to stdio'),
  mcpHub('http to stdio'),
  mcpProxy('modern'),
  mcpProxy('session'),
  supergateway(),
  {
    name: 'supergateway',
    way: 'stdio to http',
    speech: 'session',
    args: async ({ upstreamUrl }) => [
      await commandOf('supergateway'),
      ...['--streamableHttp', upstreamUrl, '--logLevel', 'none'],
    ],
  },
  {
    name: 'mcp-remote',
    way: 'stdio to http',
    speech: 'session',
    args: async ({ upstreamUrl }) => [
      await commandOf('mcp-remote', 'mcp-remote'),
      ...[upstreamUrl, '--transport', 'http-only', '--silent'],
    ],
  },
];

/** Peers that are not measured, and why. */
export const leftOut: readonly { readonly name: string; readonly reason: string }[] = [
  {
    name: 'MCPHub',
    reason: 'npm had no package @samanhappy/mcphub when this list was made, so there is no version to name',
  },
];

async function commandOf(name: string, command?: string): Promise<string> {
  return (await installPeer(name)).command(command);
}

/** Starts a program that may not know how to listen on the loopback interface only. */
async function listening(place: Place, path: string, args: (port: number) => readonly string[]): Promise<Target> {
  const port = await getPort({ host: '127.0.0.1' });
  return place.yard.start(0, ['--import', programs.loopbackOnly, ...args(port)], {
    answersAt: `http://127.0.0.1:${port}${path}`,
    cwd: place.yard.folder,
    env: { HOME: place.yard.folder, XDG_CONFIG_HOME: place.yard.folder, XDG_STATE_HOME: place.yard.folder },
  });
}

/** The configuration that many clients share. */
function settingsFile({ yard, upstreamUrl }: Place, way: Contestant['way'], type: object = {}): Promise<string> {
  const bench = way === 'http to stdio' ? server : { ...type, url: upstreamUrl };
  return yard.writeJson(`mcp-${way.replaceAll(' ', '-')}.json`, { mcpServers: { bench } });
}

function sdkV2(way: 'http to http'): Contestant {
  return {
    name: 'proxy of SDK v2',
    way,
    speech: 'modern',
    start: ({ yard, upstreamUrl }) => yard.start(0, [programs.sdkProxy, upstreamUrl]),
  };
}

function sdkV1(way: 'http to http' | 'http to stdio'): Contestant {
  return {
    name: 'proxy of SDK v1',
    way,
    speech: 'session',
    start: ({ yard, upstreamUrl }) =>
      yard.start(0, [programs.sdkProxyV1, way === 'http to http' ? upstreamUrl : programs.upstreamStdio]),
  };
}

function oneMcp(way: 'http to http' | 'http to stdio'): Contestant {
  return {
    name: '@1mcp/agent',
    way,
    speech: 'session',
    async start(place) {
      const program = await commandOf('@1mcp/agent');
      const file = await settingsFile(place, way, { type: 'http' });
      return listening(place, '/mcp', (port) => [
        ...[program, 'serve', '--config', file, '--transport', 'http'],
        ...['--host', '127.0.0.1', '--port', String(port)],
      ]);
    },
  };
}

function mcpHub(way: 'http to http' | 'http to stdio'): Contestant {
  return {
    name: 'mcp-hub',
    way,
    speech: 'sse',
    async start(place) {
      const program = await commandOf('mcp-hub');
      const file = await settingsFile(place, way);
      return listening(place, '/mcp', (port) => [program, '--port', String(port), '--config', file]);
    },
  };
}

function mcpProxy(speech: 'modern' | 'session'): Contestant {
  return {
    name: 'mcp-proxy',
    way: 'http to stdio',
    speech,
    async start(place) {
      const program = await commandOf('mcp-proxy');
      return listening(place, '/mcp', (port) => [
        ...[program, '--host', '127.0.0.1', '--port', String(port), '--server', 'stream', '--'],
        ...[server.command, ...server.args],
      ]);
    },
  };
}

function supergateway(): Contestant {
  return {
    name: 'supergateway',
    way: 'http to stdio',
    speech: 'session',
    async start(place) {
      const program = await commandOf('supergateway');
      return listening(place, '/mcp', (port) => [
        ...[program, '--stdio', serverCommand, '--outputTransport', 'streamableHttp', '--stateful'],
        ...['--port', String(port), '--logLevel', 'none'],
      ]);
    },
  };
}
