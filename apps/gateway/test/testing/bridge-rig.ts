import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { releaseFile } from '../fixtures/bridge/script.ts';
import type { Place } from './bridge-clients.ts';
import { legacyHttp, type LegacyUpstream, modernHttp } from './bridge-upstreams.ts';
import { startGateway, temporaryFolder, toolyard, waitFor } from './gateway.ts';

const stdioFixture = fileURLToPath(new URL('../fixtures/bridge/stdio.ts', import.meta.url));

/** The official servers of both eras over both wires, as they are called in the configuration. */
export const serverIds = ['old-http', 'new-http', 'old-pipe', 'new-pipe'] as const;
export type ServerId = (typeof serverIds)[number];

export interface BridgeRig extends AsyncDisposable {
  /** The gateway's endpoint, behind which all four servers are. */
  readonly endpoint: string;
  /** The two ways to it: the endpoint, and a gateway of its own on stdin and stdout with the same servers. */
  readonly places: { readonly http: Place; readonly stdio: Place };
  /** All that the gateway behind the endpoint wrote so far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  readonly oldHttp: LegacyUpstream;
  /** What a server noted so far. */
  journal(id: ServerId): Promise<readonly string[]>;
  /** Resolves when the server has noted the line. */
  noted(id: ServerId, line: string): Promise<void>;
  /** Lets a call of `hold` answer. */
  release(id: ServerId, label: string): Promise<void>;
}

/** `args`: more for the command line of the gateway. `more`: what follows the servers in its configuration. */
export async function bridgeRig(args: readonly string[] = [], more = ''): Promise<BridgeRig> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await temporaryFolder());
  const journalOf = (id: ServerId): string => `${folder.path}/${id}.journal`;
  const script = (id: ServerId): { id: ServerId; journal: string } => ({ id, journal: journalOf(id) });
  const oldHttp = opening.use(await legacyHttp(script('old-http')));
  const newHttp = opening.use(await modernHttp(script('new-http')));
  const pipe = (era: string, id: ServerId): string =>
    `  ${id}: { command: node, args: ${JSON.stringify([stdioFixture, era, id, journalOf(id)])} }\n`;
  const config = await folder.write(
    'toolyard.yaml',
    `servers:\n  old-http: { url: "${oldHttp.url}" }\n  new-http: { url: "${newHttp.url}" }\n` +
      pipe('legacy', 'old-pipe') +
      pipe('modern', 'new-pipe') +
      more,
  );
  const gateway = opening.use(await startGateway(config, folder.path, args));
  const journal = async (id: ServerId): Promise<readonly string[]> => {
    const written = await readFile(journalOf(id), 'utf8').catch(() => '');
    return written.split('\n').filter((line) => line !== '');
  };
  const open = opening.move();
  return {
    endpoint: gateway.endpoint,
    places: {
      http: { url: gateway.endpoint },
      stdio: {
        command: toolyard.command,
        args: [...toolyard.args, 'up', config, '--stdio', '--log-level', 'error'],
        env: { PATH: process.env['PATH'] ?? '', TOOLYARD_DATA: `${folder.path}/stdio` },
      },
    },
    output: gateway.output,
    oldHttp,
    journal,
    noted: async (id, line) =>
      void (await waitFor(`${id} to note ${line}`, async () =>
        (await journal(id)).includes(line) ? true : undefined,
      )),
    release: (id, label) => writeFile(releaseFile(journalOf(id), label), ''),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
