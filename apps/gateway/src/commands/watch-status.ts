import { setTimeout as delay } from 'node:timers/promises';

import { type ExitCode, exitCodes } from '../cli/exit-codes.ts';
import { openScreen } from '../cli/screen.ts';
import type { Surroundings, Terminal } from '../cli/surroundings.ts';
import { oneLine } from '../cli/table.ts';
import type { Health } from '../client/health.ts';
import { activity, renderServers } from '../status/render-status.ts';
import type { GatewayStatus } from '../status/status.ts';

export interface WatchOptions {
  /** Rejects where nothing answers. */
  readonly ask: (signal: AbortSignal) => Promise<Health & { readonly status: GatewayStatus }>;
  readonly json: boolean;
  readonly everyMs: number;
}

/** What was heard last, and since when nothing was. */
interface Seen {
  readonly health: Awaited<ReturnType<WatchOptions['ask']>>;
  readonly silentSince: Date | undefined;
}

/**
 * Follows the gateway until `q`, Ctrl-C or a signal: as a picture in a terminal, else as a line for each server that is in another state than before, or with
 * `json` one for each time it answered. Fails where it does not answer at first; later it waits for its return.
 */
export async function watchStatus({ ask, json, everyMs }: WatchOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { terminal, out } = surroundings;
  const over = new AbortController();
  const { signal } = over;
  const stopListening = surroundings.onSignal(() => over.abort());
  let view: View | undefined;
  try {
    let seen: Seen = { health: await ask(signal), silentSince: undefined };
    view = json ? lines(out) : terminal === undefined ? changes(out) : drawn(terminal, () => over.abort());
    do {
      view.show(seen);
      await delay(everyMs, undefined, { signal });
      seen = await ask(signal).then(
        (health) => ({ health, silentSince: undefined }),
        () => ({ health: seen.health, silentSince: seen.silentSince ?? new Date() }),
      );
    } while (!signal.aborted);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    view?.end();
    stopListening();
  }
  return exitCodes.ok;
}

interface View {
  show(now: Seen): void;
  end(): void;
}

function drawn(terminal: Terminal, stop: () => void): View {
  const screen = openScreen(terminal);
  const stopReading = terminal.onKey((key) => {
    if (key === 'q' || key === '\u0003') stop();
  });
  return {
    show: (now) => screen.draw(picture(now)),
    end() {
      stopReading();
      screen[Symbol.dispose]();
    },
  };
}

function lines(out: (line: string) => void): View {
  const show: View['show'] = ({ health, silentSince }) => {
    if (silentSince === undefined) out(JSON.stringify(health.body));
  };
  return { show, end: () => undefined };
}

function picture({ health: { status }, silentSince }: Seen): string {
  const { endpoint = 'stdio', version } = status;
  const how = silentSince === undefined ? status.status : `no answer since ${silentSince.toLocaleTimeString()}`;
  const head = `${how}: ${oneLine(endpoint, 200)} (Toolyard ${oneLine(version)}); q ends`;
  return `${head}\n\n${renderServers(status.servers, activity)}`;
}

/** A line for whatever is in another state than it was. */
function changes(out: (line: string) => void): View {
  let before = new Map<string, string>();
  const show: View['show'] = ({ health: { status }, silentSince }) => {
    const states = new Map<string, string>([
      ['gateway', silentSince === undefined ? status.status : 'no answer'],
      ...status.servers.map(({ id, state }): [string, string] => [`server ${oneLine(id)}`, state]),
    ]);
    const time = new Date().toISOString();
    for (const [what, state] of states) if (before.get(what) !== state) out(`${time} ${what}: ${state}`);
    for (const what of before.keys()) if (!states.has(what)) out(`${time} ${what}: gone`);
    before = states;
  };
  return { show, end: () => undefined };
}
