// Connects to so many servers at once, ends those that came up, and connects to those that did not: prints what became of each, as JSON.
import { ToolyardError } from '@toolyard/protocol';
import { stdioTransport } from '../stdio-transport.ts';
import { client, fixture } from './rig.ts';

const transport = stdioTransport({ stdinGraceMs: 1_000, termGraceMs: 1_000 });

async function reach(servers: readonly string[]): Promise<{ up: readonly string[]; down: readonly Down[] }> {
  const up: string[] = [];
  const down: Down[] = [];
  const open = await Promise.all(
    servers.map(async (upstream) => {
      try {
        const connection = await transport.connect(fixture('scripted-server'), { upstream, clientInfo: client });
        up.push(upstream);
        return connection;
      } catch (error) {
        down.push({ upstream, code: ToolyardError.is(error) ? error.code : 'none', message: String(error) });
        return undefined;
      }
    }),
  );
  await Promise.all(open.map(async (connection) => connection?.close()));
  return { up, down };
}

interface Down {
  readonly upstream: string;
  readonly code: string;
  readonly message: string;
}

const first = await reach(Array.from({ length: Number(process.argv[2]) }, (_, index) => `s${index}`));
const second = await reach(first.down.slice(0, 3).map(({ upstream }) => upstream));
process.stdout.write(JSON.stringify({ first, second }));
