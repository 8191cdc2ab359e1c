import { fine, markdownTable, percent, whole } from '../figures/markdown.ts';
import type { Speech } from '../load/caller.ts';
import type { Way } from './contestant.ts';
import type { LoadFigures } from '../load/tally.ts';

/** How it went with one contestant: a score, or why there is none. */
export interface Entry {
  readonly name: string;
  readonly way: Way;
  readonly speech: Speech;
  readonly version: string | undefined;
  readonly score?: LoadFigures;
  readonly reason?: string;
}

const speeches: Readonly<Record<Speech, string>> = {
  modern: '2026-07-28',
  session: '2025-11-25, sessions',
  sse: '2024-11-05, HTTP+SSE',
};

const ways: Readonly<Record<Way, string>> = {
  'http to http': 'Clients over HTTP, server over HTTP',
  'http to stdio': 'Clients over HTTP, server a process',
  'stdio to http': 'Client over a pipe, server over HTTP',
};

const heads = [
  'what',
  'clients',
  'requests/s:',
  'p50 ms:',
  'p99 ms:',
  'CPU µs/request:',
  'MiB (processes):',
  'of the gateway:',
  'errors:',
];

/** A table for each way, in Markdown, then what went wrong. "Of the gateway": of its requests a second with clients of the same kind. */
export function peersReport(
  entries: readonly Entry[],
  leftOut: readonly { readonly name: string; readonly reason: string }[],
): string {
  const tables = (Object.keys(ways) as Way[]).map((way) => {
    const rows = entries.filter((entry) => entry.way === way).map((entry) => row(entry, entries));
    return `${ways[way]}:\n\n${markdownTable(heads, rows)}`;
  });
  const notes = [
    ...entries.flatMap(({ name, way, score }) =>
      score === undefined || score.errors === 0
        ? []
        : [
            `${name} (${way}) answered ${score.errors} of ${score.requests} calls wrongly, the first with: ${score.firstError}`,
          ],
    ),
    ...entries.flatMap(({ name, way, reason }) =>
      reason === undefined ? [] : [`${name} (${way}) was not measured: ${reason}`],
    ),
    ...leftOut.map(({ name, reason }) => `${name} was not measured: ${reason}.`),
  ];
  return `${tables.join('\n')}\n${notes.map((note) => `- ${note.replaceAll(/\s+/g, ' ')}\n`).join('')}`;
}

function row({ name, way, speech, version, score }: Entry, entries: readonly Entry[]): readonly string[] {
  const what = version === undefined ? name : `${name} ${version}`;
  if (score === undefined) return [what, speeches[speech], 'not measured', '', '', '', '', '', ''];
  const gateway = entries.find((entry) => entry.name === 'gateway' && entry.way === way && entry.speech === speech);
  const share = gateway?.score === undefined ? '' : percent(score.perSecond / gateway.score.perSecond);
  return [
    what,
    speeches[speech],
    whole(score.perSecond),
    fine(score.p50Ms),
    fine(score.p99Ms),
    whole(score.cpuMicrosPerRequest),
    `${whole(score.memory.mebibytes)} (${score.memory.processes})`,
    share,
    score.errors === 0 ? '0' : percent(score.errors / score.requests),
  ];
}
