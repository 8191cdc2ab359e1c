import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface MadeTool {
  readonly id: string;
  readonly server: string;
  readonly name: string;
  readonly description?: string;
  readonly dependsOn?: readonly string[];
}

export interface MadeQuery {
  readonly id: string;
  readonly query: string;
  readonly relevant?: readonly string[];
}

/** Twelve tools of which each is easily told from the others. One declares that it needs another that has nothing to do with it. */
export const madeTools: readonly MadeTool[] = [
  { id: 'mail.send', server: 'mail', name: 'send_email', description: 'Sends an email to somebody.' },
  { id: 'mail.search', server: 'mail', name: 'search_emails', description: 'Finds emails by words in them.' },
  { id: 'sky.forecast', server: 'sky', name: 'get_forecast', description: 'Tells the weather of the next days.' },
  { id: 'disk.read', server: 'disk', name: 'read_file', description: 'Reads a file from disk.' },
  { id: 'disk.delete', server: 'disk', name: 'delete_file', description: 'Removes a file from disk.' },
  { id: 'shop.cart', server: 'shop', name: 'add_to_cart', description: 'Puts a product into the shopping cart.' },
  {
    id: 'shop.pay',
    server: 'shop',
    name: 'pay_invoice',
    description: 'Pays an invoice by credit card.',
    dependsOn: ['zoo.feed'],
  },
  { id: 'music.play', server: 'music', name: 'play_song', description: 'Plays a song on the speaker.' },
  { id: 'music.stop', server: 'music', name: 'stop_music', description: 'Stops the music.' },
  { id: 'maps.route', server: 'maps', name: 'find_route', description: 'Finds the shortest way between two places.' },
  { id: 'team.remind', server: 'team', name: 'set_reminder', description: 'Reminds of a meeting.' },
  { id: 'zoo.feed', server: 'zoo', name: 'feed_penguin' },
];

export const madeQueries: readonly MadeQuery[] = [
  { id: 'q1', query: 'send an email to Ann', relevant: ['mail.send'] },
  { id: 'q2', query: 'weather forecast for the next days', relevant: ['sky.forecast'] },
  { id: 'q3', query: 'delete the file', relevant: ['disk.delete'] },
];

export function asLines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** Writes a set into a folder of its own. */
export async function writeSet(
  folder: string,
  queries: readonly MadeQuery[] = madeQueries,
  tools: readonly MadeTool[] = madeTools,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'tools.jsonl'), asLines(tools));
  await writeFile(join(folder, 'queries.jsonl'), asLines(queries));
}
