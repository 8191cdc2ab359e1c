import { benchHalfLoad, halfLoadUsage } from './commands/half-load.ts';
import { benchLongResults, longResultsUsage } from './commands/long-results.ts';
import { benchManyServers, manyServersUsage } from './commands/many-servers.ts';
import { benchRelay, relayUsage } from './commands/relay.ts';
import { benchSessions, sessionsUsage } from './commands/sessions.ts';
import { benchSlowCalls, slowCallsUsage } from './commands/slow-calls.ts';
import { benchStart, startUsage } from './commands/start-time.ts';
import { benchPeers, peersUsage } from './peers/bench-peers.ts';
import { exitOnSignals } from './processes/end-with-us.ts';
import { benchSearch, searchUsage } from './search/bench-search.ts';

interface Command {
  readonly usage: string;
  run(args: readonly string[]): Promise<void>;
}

const commands: Readonly<Record<string, Command>> = {
  gateway: { usage: relayUsage, run: benchRelay },
  'long-results': { usage: longResultsUsage, run: benchLongResults },
  'half-load': { usage: halfLoadUsage, run: benchHalfLoad },
  peers: { usage: peersUsage, run: benchPeers },
  sessions: { usage: sessionsUsage, run: benchSessions },
  servers: { usage: manyServersUsage, run: benchManyServers },
  'slow-calls': { usage: slowCallsUsage, run: benchSlowCalls },
  start: { usage: startUsage, run: benchStart },
  search: { usage: searchUsage, run: benchSearch },
};

exitOnSignals();
const [first = '', ...rest] = process.argv.slice(2);
const command = commands[first];
if (process.argv.includes('--help'))
  process.stdout.write(
    Object.values(commands)
      .map(({ usage }) => usage)
      .join('\n'),
  );
else if (command !== undefined) await command.run(rest);
else await benchRelay(process.argv.slice(2));
