import { type Command, InvalidArgumentError, Option } from 'commander';

import { defaultHost, defaultPort } from '../client/endpoint.ts';

/** Options of commands that talk to a running gateway. */
export function connected(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--url <url>',
        `the gateway's endpoint; also TOOLYARD_URL (default: http://${defaultHost}:${defaultPort}/mcp)`,
      ),
    )
    .option('--json', 'print JSON', false);
}

export function profiled(command: Command): Command {
  return connected(command).option('--profile <name>', 'through this profile of the gateway');
}

export function port(text: string): number {
  return whole(text, 0, 65_535, 'a port is a number from 0 to 65535');
}

export function milliseconds(text: string): number {
  return whole(text, 0, 3_600_000, 'it is a number of milliseconds from 0 to 3600000');
}

export function count(most: number): (text: string) => number {
  return (text) => whole(text, 1, most, `it is a whole number from 1 to ${most}`);
}

function whole(text: string, least: number, most: number, rule: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new InvalidArgumentError(rule);
  return value;
}
